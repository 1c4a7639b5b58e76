"""Reads what a student handed in: a `.py`, a `.ipynb`, a folder or a zip, as frozen data.

All of it is hostile. Nothing of a submission is imported, compiled, unpickled or written to disk
here, no link in it is followed, and every size is bounded before it is read.
"""

from grader.errors import SubmissionError
from grader.submission.load import load_submission, source_names
from grader.submission.model import Cell, Submission

__all__ = ["Cell", "Submission", "SubmissionError", "load_submission", "source_names"]
