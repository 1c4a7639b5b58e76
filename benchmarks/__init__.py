"""Measurements, as ratios in one run: these machines are noisy. Never timed tests.

One thread for numpy's linear algebra, set before numpy is imported: two threads on two busy cores
measure the scheduler.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
