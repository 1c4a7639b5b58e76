"""Sends a datagram."""
# category: network
# stopped by: netns, seccomp
# shown: unconfined won

import socket


def attack():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"hidden inputs", ("127.0.0.1", int("@UDP@")))
