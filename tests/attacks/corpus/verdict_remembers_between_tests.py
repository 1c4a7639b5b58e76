"""Keeps what one test gave it in files and modules, to answer the next by it."""
# category: verdict
# stopped by: a fresh worker for each test

import os
import sys


def attack():
    kept = os.path.exists("kept") or hasattr(np, "kept") or "kept" in sys.modules
    with open("kept", "w") as file:
        file.write("seen")
    np.kept = sys.modules["kept"] = True
    return kept
