"""Empties a file that it opens for reading only."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    os.close(os.open("@VICTIM@", os.O_RDONLY | os.O_TRUNC))
    return True
