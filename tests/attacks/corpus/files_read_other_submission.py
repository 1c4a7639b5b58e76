"""Copies the solution of another student."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won


def attack():
    return open("@OTHER@").read()
