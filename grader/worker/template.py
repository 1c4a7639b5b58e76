"""The template process: imports what a homework needs, confines itself, and forks workers.

Exec'd by the judge with a clean environment. It never sees a test and runs no student code;
it touches no torch operation, since a parent that ran a parallel one leaves forked children
hanging. Requests come as packets of msgpack over a socket: {"spawn"} with the worker's end of
its channel, {"wait": pid} and {"reap": pid}.
"""

from __future__ import annotations

import array
import os
import socket
from typing import Any

import msgpack

from grader.sandbox import (
    Cell,
    Decoys,
    Policy,
    SandboxError,
    enter_cell,
    isolation_report,
    run_canaries,
)
from grader.wire.channel import Channel
from grader.worker.preload import freeze, preload
from grader.worker.serve import serve

MAX_PACKET = 1 << 16
NICE = 5  # the judge goes first, whatever a submission does with the core that they share


def main(control_fd: int) -> None:
    """Serve the judge on `control_fd` until it hangs up."""
    control = socket.socket(fileno=control_fd)
    config = msgpack.unpackb(control.recv(MAX_PACKET))
    try:
        preload(config["needs"])
        cell = enter_cell(Policy.from_dict(config["policy"]))
        canaries = run_canaries(cell, Decoys(**config["decoys"]))
        report = isolation_report(cell, canaries).to_dict()
    except (SandboxError, ImportError) as err:
        control.send(msgpack.packb({"failed": f"{type(err).__name__}: {err}"}))
        return
    control.send(msgpack.packb({"isolation": report}))
    freeze()
    _loop(control, cell, config["output_limit"])


def _loop(control: socket.socket, cell: Cell, output_limit: int) -> None:
    while True:
        packet, fds = _receive(control)
        if not packet:
            return
        request = msgpack.unpackb(packet)
        if "spawn" in request:
            _spawn(control, cell, fds[0], output_limit)
        elif "wait" in request:
            control.send(msgpack.packb(_ending(cell, request["wait"])))
        elif "reap" in request:
            cell.wait_worker(request["reap"])


def _spawn(control: socket.socket, cell: Cell, channel_fd: int, output_limit: int) -> None:
    try:
        pid = cell.fork_worker()
    except SandboxError as err:  # a full disk, too many processes: the next one may get through
        os.close(channel_fd)
        control.send(msgpack.packb({"failed": str(err)}))
        return
    if pid == 0:
        _become_worker(cell, channel_fd, output_limit)
    os.close(channel_fd)
    pidfd = cell.open_pidfd(pid)
    socket.send_fds(control, [msgpack.packb({"pid": pid})], [pidfd])
    os.close(pidfd)


def _become_worker(cell: Cell, channel_fd: int, output_limit: int) -> None:
    channel = Channel(socket.socket(fileno=channel_fd))
    os.nice(NICE)
    try:
        cell.seal(keep_fds=(channel_fd,))
    except BaseException as err:
        channel.send(["broken", 0, f"{type(err).__name__}: {err}"])
        os._exit(1)
    try:
        serve(channel, output_limit)
    finally:
        os._exit(1)


def _ending(cell: Cell, pid: int) -> dict[str, Any]:
    end = cell.wait_worker(pid)
    assert end is not None
    return {"exit_code": end.exit_code, "signal": end.signal, "cpu_s": end.cpu_s}


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    data, ancillary, _, _ = control.recvmsg(MAX_PACKET, socket.CMSG_LEN(4))
    fds = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    return data, list(fds)
