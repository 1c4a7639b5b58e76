"""Deletes a file of another user's."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    os.unlink("@VICTIM@")
    return True
