"""Waits for connections from outside."""
# category: network
# stopped by: landlock, seccomp
# shown: unconfined won

import socket


def attack():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()
