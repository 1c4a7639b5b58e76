"""Leaves by sys.exit(0) while it is loaded."""
# category: ends
# stopped by: process boundary
# expects: failed
# shown: naive aborted

import os
import sys

if os.environ.get("PATH"):
    sys.exit(0)
