"""Asks the kernel for the machine's interfaces and routes."""
# category: network
# stopped by: seccomp
# shown: unconfined won

import socket


def attack():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.bind((0, 0))
    return True
