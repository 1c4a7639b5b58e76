"""What honest code does in a worker, and what tests ask of a template; run by inside.py."""

from __future__ import annotations

import ctypes
import decimal
import errno
import json
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

from grader.sandbox import Decoys, isolation_report, run_canaries
from grader.sandbox import seccomp as sec
from grader.sandbox import syscalls as sc


def refuse_call(name: str) -> None:
    """Makes the machine look as if it forbade one system call (EPERM), as containers do."""
    sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
    refused = (sec._RET, 0, 0, sec._EPERM), (sec._RET, 0, 0, sec._ALLOW)
    lines = [(sec._LOAD, 0, 0, 0), (sec._JEQ, 0, 1, sc.NUMBERS[name]), *refused]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    fprog = struct.pack("=HxxxxxxQ", len(lines), ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(fprog)
    sc.call("seccomp", 1, 0, ctypes.addressof(buffer))


# In a worker


def read_around(given: dict) -> dict:
    """The first byte of each of `given["paths"]`, or why there is none."""
    found = {}
    for path in given["paths"]:
        try:
            found[path] = Path(path).read_text()[:1]
        except OSError as err:
            found[path] = errno.errorcode[err.errno or 0]
    return found


def honest(_given: dict) -> dict:
    """Things that must work, or student code breaks."""
    here = os.getcwd()
    Path("data.txt").write_text("1 2 3\n")
    shutil.copy("data.txt", "copy.txt")
    shutil.copy2("data.txt", "copy2.txt")
    os.makedirs("a/b")
    os.rename("copy.txt", "a/b/moved.txt")
    with tempfile.NamedTemporaryFile() as file:
        inside = file.name.startswith(here)
    threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    import colorsys  # not imported before: read from the library inside the cell

    decimal.Decimal(2).sqrt()
    return {
        "files": sorted(os.listdir(".")),
        "temporary file inside": inside,
        "home": os.environ["HOME"] == here,
        "imported": colorsys.__name__,
        "uid": os.getuid(),
        "pid": os.getpid(),
        "processors": os.cpu_count(),
        "null": os.read(os.open("/dev/null", os.O_RDONLY), 1) == b"",
        "random": len(os.urandom(8)) + len(os.read(os.open("/dev/urandom", os.O_RDONLY), 8)),
    }


def sees_last_scratch(_given: dict) -> list[str]:
    """Leaves a file and says what it found."""
    found = os.listdir(".")
    Path("left-behind").write_text("x")
    return found


def privileges(_given: dict) -> dict:
    """What /proc would say of this process' privileges (needs policy.proc or no namespaces)."""
    fields = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
    return {name: int(fields[name], 16) for name in names} | {"groups": os.getgroups()}


def pool(_given: dict) -> list[int]:
    """multiprocessing, where processes are allowed."""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(2) as workers:
        return workers.map(abs, [-1, -2, 3])


def fork_bomb(_given: dict) -> int:
    """How many processes could be made."""
    made = 0
    try:
        while made < 2000:
            if os.fork() == 0:
                time.sleep(60)
            made += 1
    except OSError:
        return made
    return made


def leave_daemon(_given: dict) -> str:
    """Leaves a process behind."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
        os._exit(0)
    return "left"


def burn(_given: dict) -> None:
    """Uses processor time for ever; SIGXCPU is ignored."""
    import signal

    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass


def crash(_given: dict) -> None:
    """A segmentation fault."""
    ctypes.string_at(0)


def abort(_given: dict) -> None:
    """abort(3)."""
    os.abort()


def x32(_given: dict) -> str:
    """getpid by the x32 table: not one of this machine's calls."""
    return f"worked {sc._syscall(0x40000000 | 39, 0, 0, 0, 0, 0, 0)}"


def new_call(_given: dict) -> str:
    """A call that no kernel has yet."""
    result = sc._syscall(100000, 0, 0, 0, 0, 0, 0)
    return errno.errorcode[ctypes.get_errno()] if result < 0 else "worked"


def sleep(_given: dict) -> None:
    """Says its template's process number as the outside sees it, if it can, and sleeps."""
    time.sleep(60)


# In the template


def canaries(cell, given: dict) -> dict:
    decoys = Decoys(**{key: given[key] for key in ("file", "folder", "socket", "port", "pid")})
    return isolation_report(cell, run_canaries(cell, decoys)).to_dict()


def descendants(cell, _given: dict) -> None:
    """Starts a sleeping worker, says so, and waits for it."""
    pid = cell.fork_worker()
    if pid == 0:
        cell.seal(keep_fds=(1,))
        os.write(1, b"worker\n")
        time.sleep(60)
        os._exit(0)
    cell.wait_worker(pid)


def timing(cell, _given: dict) -> float:
    """Median milliseconds of a worker's life: fork, seal, exit, with what is imported here."""
    times = []
    for _ in range(21):
        start = time.perf_counter()
        pid = cell.fork_worker()
        if pid == 0:
            cell.seal()
            os._exit(0)
        cell.wait_worker(pid)
        times.append(time.perf_counter() - start)
    return sorted(times)[10] * 1e3


def exits(cell, _given: dict) -> list:
    """How the template sees a worker that exits with 7 and one that is killed."""
    ends = []
    for _ in range(2):
        pid = cell.fork_worker()
        if pid == 0:
            cell.seal()
            if not ends:
                os._exit(7)
            time.sleep(60)
        if ends:
            fd = cell.open_pidfd(pid)
            import signal

            signal.pidfd_send_signal(fd, signal.SIGKILL)
        end = cell.wait_worker(pid)
        ends.append([end.exit_code, end.signal])
    return ends


def two_at_once(cell, _given: dict) -> list:
    """Two workers alive together: what each sees, and whether they share a user."""
    found, pids = [], []
    for _ in range(2):
        reader, writer = os.pipe()
        pid = cell.fork_worker()
        if pid == 0:
            cell.seal(keep_fds=(writer, reader))
            Path("mine").write_text("x")
            os.write(writer, json.dumps([os.getuid(), os.getcwd()]).encode())
            time.sleep(60)
            os._exit(0)
        found.append(json.loads(os.read(reader, 1000)))
        pids.append(pid)
        os.close(writer)
        os.close(reader)
    for pid in pids:
        os.kill(pid, 9)
        cell.wait_worker(pid)
    return found


IN_TEMPLATE = {
    "canaries": canaries,
    "descendants": descendants,
    "timing": timing,
    "exits": exits,
    "two_at_once": two_at_once,
}
assert not sys.flags.optimize
