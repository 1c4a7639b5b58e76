"""Hidden tests of problem 2.8: the quiz."""


def test_quiz_q1(quiz):
    """Quiz 1: the highest firing rate."""
    quiz.check("q1")


def test_quiz_q2(quiz):
    """Quiz 2: a weak input."""
    quiz.check("q2")


def test_quiz_q3(quiz):
    """Quiz 3: true statements about spiking neurons."""
    quiz.check("q3")
