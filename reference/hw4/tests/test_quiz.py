"""Hidden tests of hw4, problem 4.7: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: what reverse mode costs."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: a derivative through a shared node."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: what backward needs to remember."""
    quiz.check("q3")
