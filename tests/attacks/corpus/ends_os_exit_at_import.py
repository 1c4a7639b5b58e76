"""Leaves at once while it is loaded, with the exit code of success."""
# category: ends
# stopped by: process boundary
# expects: crashed
# shown: naive dead

import os

os._exit(0)
