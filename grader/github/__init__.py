"""What makes a release a student repository on GitHub: workflows, and Classroom 50's autograder.

Texts only: nothing here writes a file, runs a command or asks GitHub for anything.
"""
