"""Reads the digits, those of the test set among them, with their labels from the grader's data."""
# category: files
# stopped by: mountns, landlock
# when: import
# shown: unconfined won


def attack():
    from grader.data import load

    return load("digits28", "test")["y"][:5].tolist()
