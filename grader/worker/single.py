"""One worker in a process of its own, for machines without fork and for GPU submissions.

A forked child cannot use CUDA that its parent touched, and macOS and Windows do not fork safely:
there a process is exec'd for each worker. Confined by whatever the machine offers.
"""

from __future__ import annotations

import socket

from grader.sandbox import Decoys, Policy, SandboxError, enter_cell, isolation_report
from grader.sandbox.canary import try_everything
from grader.wire.channel import Channel
from grader.worker.gpu import GpuUnusable, prepare
from grader.worker.preload import preload
from grader.worker.serve import serve


def main(sock: socket.socket) -> None:
    """Read the configuration from the channel, confine this process, and serve.

    With decoys it only tries its confinement and says what held: no worker comes of it.
    """
    channel = Channel(sock)
    config = channel.receive()
    try:
        preload(config["needs"])
        cell = enter_cell(Policy.from_dict(config["policy"]))
        cell.seal(keep_fds=(sock.fileno(),))
        memory_mb = config["policy"]["gpu_memory_mb"]
        gpu = prepare(memory_mb) if memory_mb else {}
    except (SandboxError, ImportError) as err:
        channel.send(["broken", 0, f"{type(err).__name__}: {err}"])
        return
    except GpuUnusable as err:
        channel.send(["no-gpu", 0, str(err)])
        return
    if config["decoys"] is None:
        serve(channel, config["output_limit"])
    decoys = Decoys(**config["decoys"])
    canaries = try_everything(cell, decoys) if decoys.file else []
    isolation = isolation_report(cell, canaries).to_dict()
    channel.send(["hello", 0, {"isolation": isolation, "gpu": gpu}])


def connect(port: int, token: str) -> socket.socket:
    """The judge's loopback listener, where sockets cannot be inherited (Windows)."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(token.encode())
    return sock
