"""Leaves eight busy threads behind each call."""
# category: resources
# stopped by: the worker's end
# expects: passed or timeout
# wall: 2.0

import threading


def spin():
    while True:
        pass


def attack():
    for _ in range(8):
        threading.Thread(target=spin).start()
