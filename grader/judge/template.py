"""The judge's handle on the template process, which forks confined workers for it (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import msgpack

from grader.errors import InternalError
from grader.judge import launch
from grader.judge.processes import Share, ShareMeter, process_of
from grader.sandbox import Decoys, Policy

if TYPE_CHECKING:
    from grader.wire.channel import Channel

MAX_PACKET = 1 << 16
START_TIMEOUT_S = 120.0
# the kernel kills by its clock's ticks, which on a virtual machine are more than the time that a
# process is said to have used in the end
LEAST_OF_LIMIT = 0.5


class ForkedWorker:
    """A worker forked by a template; killed through its pidfd, so never the wrong process."""

    def __init__(self, template: Template, channel: Channel) -> None:
        self.channel = channel
        self._template = template
        self._pid: int | None = None
        self._pidfd: int | None = None
        self._meter: ShareMeter | None = None
        self._reaped = False

    def born(self, pid: int, pidfd: int) -> None:
        self._pid, self._pidfd = pid, pidfd

    def kill(self) -> None:
        self._template.collect()
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill it, whatever it does, and let the template bury it."""
        self.kill()
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        self._meter = None  # its descriptors, which the conversation would keep
        if not self._reaped and self._pid is not None:
            self._template.send({"reap": self._pid})
            self._reaped = True
        self.channel.close()

    def share(self) -> Share:
        self._template.collect()
        if self._meter is None:
            if self._pidfd is None:
                return Share()
            self._meter = ShareMeter(process_of(self._pidfd))
        return self._meter.now()

    def obituary(self) -> tuple[bool, str]:
        self._template.collect()
        if self._pid is None or self._reaped:
            return False, "the process ended"
        self._reaped = True
        answer = self._template.request({"wait": self._pid})
        ended_by, limit_s = answer["signal"], self._template.cpu_limit_s
        by_limit = ended_by in (signal.SIGKILL, signal.SIGXCPU)
        if by_limit and answer["cpu_s"] > LEAST_OF_LIMIT * limit_s:
            return True, f"it used up its {limit_s:g} s of processor time"
        return False, describe_end(answer["exit_code"], ended_by)


class Template:
    """A template process for one homework; `start` returns at once, `isolation` waits for it."""

    def __init__(self, policy: Policy, needs: tuple[str, ...], output_limit: int) -> None:
        self.cpu_limit_s = policy.cpu_s
        self._pending: list[ForkedWorker] = []
        self._hello: dict[str, Any] | None = None
        self._decoys = contextlib.ExitStack()
        decoys = self._decoys.enter_context(Decoys.planted())
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process: subprocess.Popen[bytes] = launch.start(
                f"from grader.worker.template import main; main({theirs.fileno()})",
                pass_fds=[theirs.fileno()],
            )
        self.send(
            {
                "policy": policy.to_dict(),
                "needs": list(needs),
                "output_limit": output_limit,
                "decoys": decoys.to_dict(),
            }
        )

    @property
    def hello(self) -> dict[str, Any]:
        """`isolation`, once the template has confined itself and tried canaries."""
        if self._hello is None:
            self._socket.settimeout(START_TIMEOUT_S)
            hello = self._receive()[0]
            self._decoys.close()
            if "failed" in hello:
                raise InternalError(
                    f"The sandbox could not be set up: {hello['failed']}",
                    hint="`grader doctor` shows what is missing on this machine.",
                )
            self._hello = hello
        return self._hello

    def spawn(self) -> ForkedWorker:
        """Ask for a worker and return at once; its channel can be written to already."""
        from grader.judge.conversation import ANSWER_BYTES
        from grader.wire.channel import Channel

        self.hello  # noqa: B018 - the handshake comes before anything else
        ours, theirs = socket.socketpair()
        with theirs:
            worker = ForkedWorker(self, Channel(ours, max_body=ANSWER_BYTES))
            socket.send_fds(self._socket, [msgpack.packb({"spawn": True})], [theirs.fileno()])
        self._pending.append(worker)
        return worker

    def collect(self) -> None:
        """Take in the births that were asked for."""
        while self._pending:
            answer, fds = self._receive()
            worker = self._pending.pop(0)
            if fds:  # if not, its channel is closed, which whoever waits for it finds out
                worker.born(answer["pid"], fds[0])

    def send(self, request: dict[str, Any]) -> None:
        try:
            self._socket.send(msgpack.packb(request))
        except OSError as err:
            raise InternalError("The template process is gone.") from err

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        self.collect()
        self.send(request)
        return self._receive()[0]

    def close(self) -> None:
        """End the template and with it every worker it has."""
        self._socket.close()
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._decoys.close()

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        try:
            data, fds, _, _ = socket.recv_fds(self._socket, MAX_PACKET, 1)
        except TimeoutError as err:
            raise InternalError("The template process does not answer.") from err
        except OSError as err:
            raise InternalError("The template process is gone.") from err
        if not data:
            code = self.process.poll()
            raise InternalError(
                f"The template process ended unexpectedly (exit code {code}).",
                hint="`grader doctor` shows what is missing on this machine.",
            )
        return msgpack.unpackb(data), list(fds)


def describe_end(exit_code: int | None, number: int | None) -> str:
    """Why a process died, in words: it left with `exit_code` or by the signal `number`."""
    if number is None:
        return f"it left with exit code {exit_code}"
    words = {
        # abort() in the first process of a namespace ends as a segmentation fault, too
        signal.SIGSEGV: "segmentation fault or abort",
        signal.SIGABRT: "segmentation fault or abort",
        signal.SIGSYS: "it made a forbidden system call",
        signal.SIGKILL: "it was killed",
        signal.SIGXFSZ: "it wrote too large a file",
    }
    return words.get(signal.Signals(number), f"signal {signal.Signals(number).name}")
