"""Hidden tests of Problem 6.7: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: the parameters of the first convolution."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: the size of the feature maps."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: which network has more parameters."""
    quiz.check("q3")


def test_quiz_q4(quiz):
    """Quiz 4: what max pooling does."""
    quiz.check("q4")
