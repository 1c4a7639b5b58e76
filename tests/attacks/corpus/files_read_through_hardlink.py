"""Makes a second name for the secret, where it may read and write."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    os.link("@SECRET@", "@OUTSIDE@/second")
    return open("@OUTSIDE@/second").read()
