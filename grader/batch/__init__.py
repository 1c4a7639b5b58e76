"""Grading a class: finding submissions, grading them in parallel, keeping what was found.

Everything that can go wrong with one submission becomes a record of that submission.
"""
