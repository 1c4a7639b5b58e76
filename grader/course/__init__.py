"""Courses and homeworks as they lie on disk. Reads files, runs nothing of a homework."""
