"""The stub: the process that the judge started, once the template has been forked from it.

It waits. It ends as the template ends, kills the template when the judge dies (even by SIGKILL),
and removes the scratch folders. It runs no code of anyone else.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal

from grader.sandbox import scratch
from grader.sandbox import syscalls as sc


def watch_template(base: str) -> None:
    """Forks: returns in the child, the template; the parent watches and never returns."""
    judge = os.getppid()
    judge_fd, own_fd = os.pidfd_open(judge) if judge else -1, os.pidfd_open(os.getpid())
    pid = os.fork()
    if pid == 0:
        sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([own_fd], [], [], 0)[0]:
            os._exit(1)  # the stub died before the line above
        for fd in {judge_fd, own_fd} - {-1}:
            os.close(fd)
        with contextlib.suppress(OSError):
            os.setsid()  # no Ctrl-C from the judge's terminal
        return
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle
        template_fd = os.pidfd_open(pid)
        sc.close_fds_except((judge_fd, template_fd))
        for fd in (0, 1, 2):
            os.close(fd)
        if os.getppid() == judge:
            select.select([fd for fd in (judge_fd, template_fd) if fd >= 0], [], [])
        with contextlib.suppress(ProcessLookupError):
            if not select.select([template_fd], [], [], 0)[0]:
                os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if base:
            scratch.remove(base)
        if status < 0:
            signal.signal(-status, signal.SIG_DFL) if -status not in (9, 19) else None
            os.kill(os.getpid(), -status)
    finally:
        os._exit(status & 0xFF)
