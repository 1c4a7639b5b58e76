"""Leaves code in the packages' folder, to be run by the next Python that starts."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    path = "@PACKAGES@/attack_was_here.txt"
    with open(path, "w") as file:
        file.write("import attack\n")
    os.unlink(path)
    return True
