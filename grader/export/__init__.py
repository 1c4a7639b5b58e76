"""Results in the formats of other tools, one file a format; `grader.export.table` lists them.

Nothing here grades, prints or writes a file: an emitter makes text of a report or of a class's
grades. Every text from a submission is escaped for its reader here, whoever built the report.
"""
