"""Makes folders in folders until no path reaches them, so that nobody can remove them."""
# category: resources
# stopped by: mountns, the clearing away
# open at: isolated, confined
# shown: unconfined won

import os


def attack():
    for _ in range(800):
        os.mkdir("deep-in-the-folders")
        os.chdir("deep-in-the-folders")
    os.chmod(".", 0)
    return True
