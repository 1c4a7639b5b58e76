"""Connects to a socket that has a name and no file."""
# category: network
# stopped by: netns, landlock, seccomp
# shown: unconfined won

import socket


def attack():
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("\0@ABSTRACT@")
    return True
