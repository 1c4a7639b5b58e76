"""Opens files until there are no descriptors left."""
# category: resources
# stopped by: rlimits
# shown: unconfined won

import os


def attack():
    return [os.dup(0) for _ in range(300)]
