"""Fills the disk by files of an allowed size."""
# category: resources
# stopped by: mountns
# open at: confined
# shown: unconfined won


def attack():
    for i in range(4):
        with open(f"part{i}", "wb") as file:
            file.write(bytes(12 << 20))
    return True
