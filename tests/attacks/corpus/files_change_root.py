"""Changes its root folder to climb out of it."""
# category: files
# stopped by: caps, seccomp, uid

import os


def attack():
    os.mkdir("jail")
    os.chroot("jail")
    return True
