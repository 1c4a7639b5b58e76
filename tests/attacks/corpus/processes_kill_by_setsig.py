"""Lets the kernel send the signal, as the news that a pipe of its own can be read."""
# category: processes
# stopped by: pidns, landlock, seccomp
# shown: unconfined won

import fcntl
import os
import signal


def attack():
    reader, writer = os.pipe()
    fcntl.fcntl(reader, 10, signal.SIGTERM)  # F_SETSIG
    fcntl.fcntl(reader, fcntl.F_SETOWN, int("@DECOY_PID@"))
    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)
    os.write(writer, b"x")
    return True
