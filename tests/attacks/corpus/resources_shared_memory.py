"""Fills shared memory, which some limits do not count."""
# category: resources
# stopped by: rlimits
# shown: unconfined won

import mmap


def attack():
    block = mmap.mmap(-1, 600 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    block[::4096] = bytes(len(block) // 4096)
    return len(block)
