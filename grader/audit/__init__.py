"""Whether a homework is fit for release: one small check a file, each grading many solutions.

Works on an instructor's checkout. Prints nothing, changes no file of the course.
"""
