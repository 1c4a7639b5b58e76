"""Empties a file of another user's."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    os.truncate("@VICTIM@", 0)
    return True
