"""What makes a release a student repository on GitHub: workflows, the grader, Classroom 50's part.

Files by their names only: nothing here writes one, runs a command or asks GitHub for anything.
"""
