"""Lists the folders of the course."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import os


def attack():
    return [name for _, _, names in os.walk("@COURSE@") for name in names]
