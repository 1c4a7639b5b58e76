"""The stub: the process that the judge started, once the template has been forked from it.

It waits. It ends as the template ends, kills the template when the judge dies (even by SIGKILL),
and has the scratch folders removed, by a process beside it. It runs no code of anyone else.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal

from grader.sandbox import cgroup, scratch, sweeper
from grader.sandbox import syscalls as sc


def watch_template(base: str, groups: tuple[str, ...], *, forks: bool) -> int:
    """Forks: returns in the child, the template; the parent watches and never returns.

    `base`: the folder to remove in the end, "" for none; `groups`: the control groups to remove;
    `forks`: whether the template forks workers, and so has their folders in `base` removed before
    the end. The descriptor by which their sweeper is told; -1 where there is none. Raises OSError
    if it cannot fork.
    """
    sweeps = bool(base) and forks
    heard_fd, told_fd = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if sweeps else (-1, -1)
    judge = os.getppid()
    judge_fd, own_fd = _pidfd(judge), _pidfd(os.getpid())
    pid = os.fork()
    if pid == 0:
        sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)
        if own_fd >= 0 and select.select([own_fd], [], [], 0)[0]:
            os._exit(1)  # the stub died before the line above
        for fd in {judge_fd, own_fd, heard_fd} - {-1}:
            os.close(fd)
        os.setsid()  # no Ctrl-C from the judge's terminal
        return told_fd
    status = 1
    try:
        # after the template, which is to be the first process of its namespace
        sweeping = _start_sweeper(base, heard_fd) if sweeps else 0
        status = _watch(pid, judge, judge_fd, sweeping)
        if base:
            if sweeping:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(sweeping, 0)
            scratch.remove(base)  # if the sweeper died with the template's namespace
        cgroup.leave(groups)
        if status < 0:
            _die_of(-status)
    finally:
        os._exit(status & 0xFF)


def _start_sweeper(base: str, heard_fd: int) -> int:
    """Its process id; 0 where it cannot be forked: all is removed in the end then."""
    try:
        pid = os.fork()
    except OSError:
        return 0
    if pid == 0:
        os.set_blocking(heard_fd, True)
        sweeper.sweep(base, heard_fd)
    return pid


def _watch(pid: int, judge: int, judge_fd: int, sweeping: int) -> int:
    """Waits for the template `pid`, or for the judge's death to kill it; how the template ended.

    A sweeper in the template's pid namespace is killed with it, and the template has not ended
    before it is waited for too.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle
    template_fd, sweeper_fd = _pidfd(pid), _pidfd(sweeping)
    sc.close_fds_except((judge_fd, template_fd, sweeper_fd))
    for fd in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.close(fd)
    if judge_fd >= 0 and template_fd >= 0:
        waited = [fd for fd in (judge_fd, template_fd, sweeper_fd) if fd >= 0]
        while os.getppid() == judge and select.select(waited, [], [])[0] == [sweeper_fd]:
            os.waitpid(sweeping, 0)
            waited.remove(sweeper_fd)
        if not select.select([template_fd], [], [], 0)[0]:
            os.kill(pid, signal.SIGKILL)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def _die_of(number: int) -> None:
    """Ends this process by the signal that ended the template."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _pidfd(pid: int) -> int:
    """A descriptor of `pid`; -1 where the machine has none (before Linux 5.3, or forbidden)."""
    try:
        return os.pidfd_open(pid) if pid else -1
    except OSError:
        return -1
