"""Reads the hidden tests and the secret beside them."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won

import glob


def attack():
    texts = [open(path).read() for path in sorted(glob.glob("@HIDDEN@/*"))]
    return open("@SECRET@").read() + "".join(texts)
