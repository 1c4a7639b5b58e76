"""Connects the one socket that it has to somewhere else."""
# category: network
# stopped by: landlock, seccomp
# needs: wire

import socket


def attack():
    sock = socket.socket(fileno=raw().fileno())
    try:
        sock.connect("@UNIX@")
    finally:
        sock.detach()
    return True
