"""Connects to a socket file, as that of the Docker daemon."""
# category: network
# stopped by: mountns, seccomp
# shown: unconfined won

import socket


def attack():
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("@UNIX@")
    return True
