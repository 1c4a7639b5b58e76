"""The trusted side: hidden tests run here as ordinary pytest tests, out of the student's reach.

Nothing of a submission is imported, collected or configured in this process.
"""
