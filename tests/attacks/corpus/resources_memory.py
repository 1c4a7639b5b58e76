"""Fills more memory than a test may have."""
# category: resources
# stopped by: rlimits
# shown: unconfined won


def attack():
    blocks = [np.ones(16 << 20) for _ in range(6)]  # 768 MiB
    return sum(block.nbytes for block in blocks)
