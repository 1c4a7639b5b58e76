"""Connects to a service of this machine."""
# category: network
# stopped by: netns, landlock, seccomp
# shown: unconfined won

import socket


def attack():
    with socket.create_connection(("127.0.0.1", int("@TCP@")), timeout=1) as sock:
        return sock.getpeername()
