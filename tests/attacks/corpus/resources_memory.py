"""Takes more memory than a test may have."""
# category: resources
# stopped by: rlimits
# shown: unconfined won


def attack():
    blocks = [np.zeros(8 << 20) for _ in range(10)]  # 640 MiB
    return sum(block.nbytes for block in blocks)
