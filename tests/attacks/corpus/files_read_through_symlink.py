"""Reads the secret through a symbolic link in its own scratch folder."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    os.symlink("@SECRET@", "link")
    return open("link").read()
