"""An autograder whose verdict is made where the student's code cannot reach."""

__version__ = "0.1.0"
