"""Writes one large file."""
# category: resources
# stopped by: rlimits, mountns
# expects: passed or crashed
# shown: unconfined won


def attack():
    with open("large", "wb") as file:
        for _ in range(48):
            file.write(bytes(1 << 20))
    return True
