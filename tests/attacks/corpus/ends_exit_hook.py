"""Registers a function that runs when the process ends."""
# category: ends
# stopped by: the worker's end
# shown: naive won

import atexit
import os

atexit.register(lambda: os.write(1, b"[won]"))
atexit.register(print, "[won]", flush=True)
