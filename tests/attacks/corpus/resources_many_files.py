"""Uses up a disk's file entries."""
# category: resources
# stopped by: mountns
# open at: confined
# shown: unconfined won

import os


def attack():
    for i in range(2500):
        os.close(os.open(f"f{i}", os.O_CREAT))
    return True
