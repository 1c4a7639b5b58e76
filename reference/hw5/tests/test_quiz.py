"""Hidden tests of hw5, problem 5.6: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: what no_grad leaves out."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: which conversions share memory."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: counting parameters."""
    quiz.check("q3")
