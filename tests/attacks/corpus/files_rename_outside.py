"""Renames a file and puts its own in the place."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    with open("mine", "w") as file:
        file.write("forged")
    os.rename("@VICTIM@", "@OUTSIDE@/moved-away")
    return True
