"""Leaves by sys.exit(0) while it is loaded."""
# category: ends
# stopped by: process boundary
# expects: failed
# shown: naive dead

import os
import sys

if os.environ.get("PATH"):
    sys.exit(0)
