"""The gradebook's schema, step by step; run by alembic from inside the package.

A step is never edited once it was released: a change of `tables.py` comes with a new one, and a
test compares what the steps make with what `tables.py` says.
"""
