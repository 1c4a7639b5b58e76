"""A worker exec'd in a process of its own: macOS, Windows, and GPU submissions anywhere."""

from __future__ import annotations

import functools
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader.errors import InternalError
from grader.judge import launch
from grader.judge.conversation import ANSWER_BYTES
from grader.judge.memory_watch import watch_memory
from grader.judge.processes import Share, innermost, share_of
from grader.judge.template import describe_end
from grader.sandbox import Decoys, Policy
from grader.wire.channel import Channel, ChannelClosed, Deadline, DeadlineExceeded

CONNECT_TIMEOUT_S = 60.0
CUDA_MB = 6144  # what CUDA's libraries and a context hold of the machine's own memory, and room


class GpuUnusable(InternalError):
    """There is a GPU, and a worker cannot use it."""


class SingleWorker:
    """One process, one worker; the scratch folder goes with it."""

    def __init__(
        self,
        policy: Policy,
        needs: tuple[str, ...],
        output_limit: int,
        decoys: Decoys | None = None,
    ) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-scratch-")
        self._cpu_limit_s = policy.cpu_s
        start = _over_loopback if sys.platform == "win32" else _over_socketpair
        self._process, sock = start(policy.gpu, Path(self._scratch.name))
        self.channel = Channel(sock, max_body=ANSWER_BYTES)
        # CUDA reserves more address space than any limit on it could allow: its size is watched
        self._watch = None
        if policy.gpu:
            self._watch = watch_memory(self._process, policy.memory_mb + CUDA_MB)
        self.channel.send(
            {
                "policy": policy.to_dict(),
                "needs": list(needs),
                "output_limit": output_limit,
                "decoys": None if decoys is None else decoys.to_dict(),
            }
        )

    def kill(self) -> None:
        self._process.kill()

    def share(self) -> Share:
        return share_of(innermost(self._process.pid))

    def obituary(self) -> tuple[bool, str]:
        code = self._process.wait()
        if self._watch is not None and self._watch.killed:
            return False, "it used more memory than allowed"
        return False, describe_end(code, None) if code >= 0 else describe_end(None, -code)

    def close(self) -> None:
        self.kill()
        self._process.wait()
        self.channel.close()
        self._scratch.cleanup()


def _over_socketpair(gpu: bool, cwd: Path) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = launch.start(
            "import socket; from grader.worker.single import main; "
            f"main(socket.socket(fileno={theirs.fileno()}))",
            gpu=gpu,
            pass_fds=[theirs.fileno()],
            cwd=cwd,
        )
    return process, ours


def _over_loopback(gpu: bool, cwd: Path) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Where a socket cannot be inherited: the child proves itself by a token."""
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(CONNECT_TIMEOUT_S)
        port = server.getsockname()[1]
        process = launch.start(
            f"from grader.worker.single import connect, main; main(connect({port}, {token!r}))",
            gpu=gpu,
            cwd=cwd,
        )
        try:
            sock, _ = server.accept()
            sock.settimeout(CONNECT_TIMEOUT_S)
            said = b""
            while len(said) < len(token) and (part := sock.recv(len(token) - len(said))):
                said += part
        except OSError as err:
            process.kill()
            raise InternalError("A worker process did not start.") from err
    if not secrets.compare_digest(said, token.encode()):
        process.kill()
        raise InternalError("Another program answered in the place of a worker.")
    return process, sock


@functools.cache
def greet(policy: Policy, needs: tuple[str, ...]) -> dict[str, Any]:
    """`isolation` and `gpu` of a worker process of this kind, as it reports them of itself.

    Asked once: the answer takes an import of torch. Raises GpuUnusable, InternalError.
    """
    with Decoys.planted() as decoys:
        worker = SingleWorker(policy, needs, 0, decoys)
        try:
            deadline = Deadline.after(CONNECT_TIMEOUT_S)
            kind, _, payload = worker.channel.receive(deadline=deadline)
        except (ChannelClosed, DeadlineExceeded) as err:
            raise InternalError("A worker process did not start.") from err
        finally:
            worker.close()
    if kind == "no-gpu":
        raise GpuUnusable(f"The GPU cannot be used: {payload}.", hint="Use --device cpu.")
    if kind != "hello":
        raise InternalError(f"The sandbox could not be set up: {payload}")
    hello: dict[str, Any] = payload
    return hello
