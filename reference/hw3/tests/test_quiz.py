"""Hidden tests of homework 3's quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: what a numerical gradient costs."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: a network that starts with equal weights."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: what holds for mini-batches."""
    quiz.check("q3")
