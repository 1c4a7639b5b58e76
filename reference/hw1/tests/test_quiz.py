"""Hidden tests of problem 1.8: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: what NAND gives."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: the parameters of a small network."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: which network has more parameters."""
    quiz.check("q3")
