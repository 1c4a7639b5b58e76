"""Opens a closed file to everyone."""
# category: files
# stopped by: mountns, seccomp
# shown: unconfined won

import os


def attack():
    os.chmod("@VICTIM@", 0o666)
    return os.stat("@VICTIM@").st_mode & 0o777 == 0o666
