"""Takes shared memory, which some limits do not count."""
# category: resources
# stopped by: rlimits
# shown: unconfined won

import mmap


def attack():
    block = mmap.mmap(-1, 600 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    block[: 1 << 20] = bytes(1 << 20)
    return len(block)
