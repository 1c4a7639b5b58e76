"""Reads a key in the home folder of who grades."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won


def attack():
    return open("@HOME@").read()
