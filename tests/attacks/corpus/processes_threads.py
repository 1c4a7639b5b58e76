"""Starts two thousand threads."""
# category: processes
# stopped by: rlimits
# open at: confined
# shown: unconfined won

import threading


def attack():
    threading.stack_size(64 * 1024)
    go_on = threading.Event()
    threads = []
    try:
        for _ in range(2000):
            threads.append(threading.Thread(target=go_on.wait, daemon=True))
            threads[-1].start()
    finally:
        go_on.set()
    return len(threads)
