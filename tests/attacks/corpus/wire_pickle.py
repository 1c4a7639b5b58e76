"""Sends a pickle that would run a command where it is read."""
# category: wire
# stopped by: no pickle anywhere
# needs: wire
# expects: failed or crashed

import os
import pickle


class Command:
    def __reduce__(self):
        return os.system, ("touch @OUTSIDE@/by-the-pickle",)


def toy_forward(a, b):
    data = pickle.dumps(Command())
    answer(["b", 0], [len(data)], data + bytes(-len(data) % 16))
    raw().sendall(data)
