"""Proves a cell: a canary worker, confined like any other, tries what must not work.

The trusted side makes decoys, things that hostile code would like to reach, beside what they stand
for; the level of isolation is computed from what failed, never from version numbers.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from grader.sandbox import syscalls as sc
from grader.sandbox.cell import Cell
from grader.sandbox.errors import SandboxError
from grader.sandbox.limits import MIB, resource

DEADLINE_S = 20.0
_NAME, _CONTENT = "decoy.txt", "a hidden test"
_PTRACE_SEIZE = 0x4206
_NAMESPACES_OF_LEVEL_3 = frozenset({"pidns", "mountns", "netns", "ipcns"})


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One forbidden thing that was tried. `by` is what stopped it, as an errno's name.

    `needed_for` is the lowest level that promises that it is stopped.
    """

    name: str
    tried: str
    stopped: bool
    by: str
    needed_for: int


@dataclass(frozen=True, kw_only=True)
class Decoys:
    """What a canary tries to reach: paths, a listening port, a process; made by `planted`."""

    file: str
    folder: str
    socket: str
    port: int
    pid: int

    @classmethod
    @contextlib.contextmanager
    def planted(cls, root: str | None = None) -> Iterator[Decoys]:
        """Makes decoys below `root`, best the folder of the hidden tests; removes them at the end.

        For the trusted side. Off Linux, where nothing is tried, they are empty.
        """
        if sys.platform != "linux":
            yield cls(file="", folder="", socket="", port=0, pid=0)
            return
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="decoy-", dir=root))
            path = os.path.join(folder, _NAME)
            with open(path, "w") as file:
                file.write(_CONTENT)
            # a socket's path holds 107 bytes at most, so it goes where paths are short
            short = stack.enter_context(tempfile.TemporaryDirectory(prefix="decoy-", dir="/tmp"))
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(f"{short}/s")
            unix.listen()
            tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            process = stack.enter_context(_sleeper())
            port = tcp.getsockname()[1]
            yield cls(file=path, folder=folder, socket=f"{short}/s", port=port, pid=process.pid)

    def intact(self) -> bool:
        """Whether the files are as they were planted: what the trusted side can see for itself."""
        with open(self.file) as file:
            return file.read() == _CONTENT and os.listdir(self.folder) == [_NAME]

    def to_dict(self) -> dict[str, Any]:
        """Plain strings and numbers, for `Decoys(**plain)`."""
        return asdict(self)


@contextlib.contextmanager
def _sleeper() -> Iterator[subprocess.Popen[bytes]]:
    null = subprocess.DEVNULL
    process = subprocess.Popen(["sleep", "120"], stdin=null, stdout=null, stderr=null)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class _Stopped(Exception):
    """Raised by an attempt that was stopped otherwise than by an OSError."""


@dataclass(frozen=True)
class _Attempt:
    name: str
    tried: str
    needed_for: int
    act: Callable[[Cell, Decoys], object]  # returns if it worked, raises if it was stopped


def run_canaries(cell: Cell, decoys: Decoys) -> list[Canary]:
    """Forks a canary worker, seals it and lets it try everything. In the template; about 20 ms.

    An empty list where workers cannot be forked: use `try_everything` in a sealed process there.
    Raises SandboxError if the worker cannot be sealed, dies, or takes longer than DEADLINE_S.
    """
    if not cell.forks:
        return []
    reader, writer = os.pipe()
    pid = cell.fork_worker()
    if pid == 0:
        _report(cell, decoys, writer)
    os.close(writer)
    said = b""
    with contextlib.closing(os.fdopen(reader, "rb", buffering=0)):
        while select.select([reader], [], [], DEADLINE_S)[0]:
            chunk = os.read(reader, 65536)
            if not chunk:
                break
            said += chunk
        else:
            os.kill(pid, signal.SIGKILL)
    end = cell.wait_worker(pid)
    with contextlib.suppress(ValueError):
        answer = json.loads(said)
        if isinstance(answer, list):
            return [Canary(**plain) for plain in answer]
        raise SandboxError(str(answer), hint="run `grader doctor` to see what this machine allows")
    raise SandboxError(f"the canary worker gave no answer ({end})")


def _report(cell: Cell, decoys: Decoys, writer: int) -> None:
    """In the canary worker: seals, tries, writes the answer and ends."""
    try:
        cell.seal(keep_fds=(writer,))
        answer: object = [asdict(canary) for canary in try_everything(cell, decoys)]
    except SandboxError as err:
        answer = str(err)
    finally:
        with contextlib.suppress(OSError, UnboundLocalError):
            os.write(writer, json.dumps(answer).encode())
        os._exit(0)


def try_everything(cell: Cell, decoys: Decoys) -> list[Canary]:
    """Tries every forbidden thing in this process, which must be a sealed worker."""
    found = []
    for attempt in ATTEMPTS:
        if attempt.name == "fork" and cell.policy.processes:
            continue
        if attempt.name == "memory" and cell.policy.gpu:
            continue
        stopped, by = True, ""
        try:
            attempt.act(cell, decoys)
        except OSError as err:
            by = errno.errorcode.get(err.errno or 0, str(err))
        except _Stopped as err:
            by = str(err)
        else:
            stopped = False
        needed = attempt.needed_for
        found.append(
            Canary(
                name=attempt.name, tried=attempt.tried, stopped=stopped, by=by, needed_for=needed
            )
        )
    return found


def level_from(canaries: list[Canary], layers: frozenset[str]) -> int:
    """The isolation level that `canaries` prove, given the layers that were applied.

    3 isolated, 2 confined, 1 a separate process and no more.
    """
    stopped = {
        level: all(canary.stopped for canary in canaries if canary.needed_for <= level)
        for level in (2, 3)
    }
    confined = {"seccomp", "rlimits", "caps"} <= layers
    if not canaries or not confined or not layers & {"landlock", "mountns"} or not stopped[2]:
        return 1
    if layers >= _NAMESPACES_OF_LEVEL_3 and layers & {"landlock", "uid"} and stopped[3]:
        return 3
    return 2


def _read(_cell: Cell, decoys: Decoys) -> object:
    with open(decoys.file) as file:
        return file.read()


def _hidden(cell: Cell, _decoys: Decoys) -> None:
    readable = set(map(os.path.realpath, cell.policy.readable_paths()))
    for path in cell.policy.hidden:
        folders = [(path, [], [""])] if os.path.isfile(path) else os.walk(path)
        for folder, inside, names in folders:
            inside[:] = [name for name in inside if os.path.join(folder, name) not in readable]
            for name in names:
                with open(os.path.join(folder, name).rstrip("/"), "rb") as file:
                    if file.read(1):
                        return
    raise _Stopped("nothing is there")


def _write(_cell: Cell, decoys: Decoys) -> None:
    os.close(os.open(decoys.folder + "/written", os.O_CREAT | os.O_WRONLY))


def _chmod(_cell: Cell, decoys: Decoys) -> None:
    before = os.stat(decoys.file).st_mode
    os.chmod(decoys.file, before ^ 0o100)
    if os.stat(decoys.file).st_mode == before:
        raise _Stopped("no effect")


def _connect(family: int, address: Any) -> None:
    with socket.socket(family) as sock:
        sock.connect(address)


def _fork(_cell: Cell, _decoys: Decoys) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _exec(_cell: Cell, _decoys: Decoys) -> None:
    try:
        os.execv("/nothing-to-execute", ["nothing"])
    except FileNotFoundError:
        return  # the call itself was allowed


def _vm_read(_cell: Cell, decoys: Decoys) -> None:
    buffer = mmap.mmap(-1, 4096)
    try:
        local = ctypes.c_char.from_buffer(buffer)
        iovec = (ctypes.c_size_t * 2)(ctypes.addressof(local), 1)
        remote = (ctypes.c_size_t * 2)(4096, 1)
        where = ctypes.addressof(iovec), ctypes.addressof(remote)
        sc.call("process_vm_readv", decoys.pid, where[0], 1, where[1], 1, 0)
    except OSError as err:
        if err.errno != errno.EFAULT:  # EFAULT: allowed, but nothing is at that address
            raise


def _prlimit(_cell: Cell, decoys: Decoys) -> None:
    resource.prlimit(decoys.pid, resource.RLIMIT_NOFILE)


def _memory(cell: Cell, _decoys: Decoys) -> None:
    mmap.mmap(-1, (cell.policy.memory_mb + 64) * MIB).close()


def _disk(cell: Cell, _decoys: Decoys) -> None:
    size = cell.policy.scratch_mb * MIB * 6 // 10
    made = []
    try:
        for name in ("fill1", "fill2"):
            made.append(name)
            fd = os.open(name, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.posix_fallocate(fd, 0, size)
            finally:
                os.close(fd)
    finally:
        for name in made:
            with contextlib.suppress(OSError):
                os.unlink(name)


ATTEMPTS = (
    _Attempt("read", "read a file outside", 2, _read),
    _Attempt("hidden", "read the grader's own files and data", 2, _hidden),
    _Attempt("list", "list a folder outside", 2, lambda _, d: os.listdir(d.folder)),
    _Attempt("stat", "see that a file outside exists", 3, lambda _, d: os.stat(d.file)),
    _Attempt("write", "make a file outside", 2, _write),
    _Attempt("truncate", "empty a file outside", 2, lambda _, d: os.truncate(d.file, 0)),
    _Attempt("chmod", "change a file's mode outside", 2, _chmod),
    _Attempt(
        "tcp",
        "connect to a port of this machine",
        2,
        lambda _, d: _connect(socket.AF_INET, ("127.0.0.1", d.port)),
    ),
    _Attempt(
        "unix", "connect to a socket file", 2, lambda _, d: _connect(socket.AF_UNIX, d.socket)
    ),
    _Attempt("signal", "signal another process", 2, lambda _, d: os.kill(d.pid, 0)),
    _Attempt(
        "ptrace",
        "trace another process",
        2,
        lambda _, d: sc.call("ptrace", _PTRACE_SEIZE, d.pid, 0, 0),
    ),
    _Attempt("memory-of-others", "read another process's memory", 2, _vm_read),
    _Attempt("limits-of-others", "read another process's limits", 2, _prlimit),
    _Attempt("proc", "read /proc of another process", 2, lambda _, d: os.listdir(f"/proc/{d.pid}")),
    _Attempt("fork", "start a process", 2, _fork),
    _Attempt("exec", "execute a program", 2, _exec),
    _Attempt("mount", "mount a file system", 2, lambda _, d: sc.mount("x", ".", "tmpfs", 0)),
    _Attempt("namespace", "make a user namespace", 2, lambda *_: sc.unshare(sc.CLONE_NEWUSER)),
    _Attempt("memory", "use more memory than allowed", 2, _memory),
    _Attempt("disk", "write more than the scratch holds", 3, _disk),
)
