"""Hidden tests of Problem 7.7: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: a linear autoencoder."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: why the minimax loss saturates."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: the generator's loss at the optimum."""
    quiz.check("q3")


def test_quiz_q4(quiz):
    """Quiz 4: mode collapse."""
    quiz.check("q4")
