"""Computes on all cores by multiprocessing."""
# category: processes
# stopped by: seccomp
# shown: unconfined won

import multiprocessing


def attack():
    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    process.join()
    return process.exitcode == 0
