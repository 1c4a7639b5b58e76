"""Sets back the time of a file, as if it had been handed in earlier."""
# category: files
# stopped by: mountns, seccomp
# shown: unconfined won

import os


def attack():
    os.utime("@VICTIM@", (1, 1))
    return os.stat("@VICTIM@").st_mtime == 1
