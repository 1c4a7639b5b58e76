"""Which system calls a worker may make: the policy as data, and its compiler to BPF.

Every number is judged: allowed, allowed for some arguments, a success that does nothing, or
refused (EPERM); numbers newer than the table answer ENOSYS, as an older kernel would, so that the
C library falls back. Another machine's calls (32-bit, x32) kill. Applies to x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from dataclasses import dataclass

from grader.sandbox import syscalls
from grader.sandbox.numbers import AUDIT_ARCH, numbers_for

# What a worker may call as it likes. File paths are judged by the mount namespace and Landlock.
ALLOWED = {
    "reading and writing": """read write readv writev pread64 pwrite64 preadv pwritev lseek
        sendfile copy_file_range fsync fdatasync ftruncate fallocate sync_file_range""",
    "descriptors": """close close_range dup dup2 dup3 pipe pipe2 poll ppoll select pselect6
        epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
        timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4""",
    "paths": """open openat creat stat lstat fstat newfstatat statx statfs fstatfs access
        faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir rename
        renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat mknod
        mknodat umask""",
    "memory": """mmap mprotect munmap brk mremap msync mincore madvise mlock mlock2 munlock
        mlockall munlockall pkey_alloc pkey_free pkey_mprotect membarrier mseal map_shadow_stack
        get_mempolicy""",
    "signals to itself": """rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend
        rt_sigtimedwait sigaltstack restart_syscall pause""",
    "time": """nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times alarm
        getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun
        timer_delete""",
    "threads": """futex futex_waitv futex_wait futex_wake futex_requeue set_tid_address gettid
        set_robust_list rseq sched_yield arch_prctl exit exit_group""",
    "asking": """getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups
        getpgid getpgrp getsid getpriority getrlimit getrusage sysinfo uname getcpu getrandom
        sched_getaffinity sched_getscheduler sched_getparam sched_getattr sched_get_priority_max
        sched_get_priority_min sched_rr_get_interval capget wait4 waitid""",
    "its own limits, only downwards": "setrlimit",
    "its channel": """sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg getsockname getpeername
        getsockopt setsockopt shutdown""",
}

# Metadata: real where the mounts are the worker's own; elsewhere Landlock lets them reach any file
# of the same user, and refusing breaks shutil.copy, so they succeed and do nothing.
METADATA = """chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat
    utimensat"""

# What one worker does with a file that all can read, the next one can see: a lock, a page brought
# into memory or driven out of it. So hidden inputs would travel to where printing is shown. They
# succeed and do nothing; locks by fcntl and reads that only ask what is in memory are refused.
SHARED_TRACES = "flock fadvise64 readahead"

# Extended attributes look unsupported: shutil takes that well, EPERM it does not.
UNSUPPORTED = """setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr
    flistxattr removexattr lremovexattr fremovexattr"""

# What multiprocessing needs beside fork: for workers that have a pid and network namespace.
ALLOWED_FOR_PROCESSES = """fork vfork kill tgkill tkill setsid setpgid bind listen accept accept4
    connect"""

PID = -1  # in a Check: the worker's own process id


@dataclass(frozen=True)
class Check:
    """Argument `arg` (its low 32 bits, all that the kernel reads of these), masked by `mask`,
    must be one of `values`; with `refused`, none of them."""

    arg: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    refused: bool = False


# linux/sched.h: a thread has CLONE_THREAD; namespaces, tracing and a changed parent are refused.
_CLONE_THREAD = 0x00010000
_CLONE_REFUSED = 0x7E020000 | 0x00002000 | 0x00800000 | 0x00008000  # NEW*, PTRACE, UNTRACED, PARENT
_ITSELF = (0, PID)
_AF_UNIX = 1
_SOCK_SEQPACKET, _SOCK_TYPE = 5, 0xF
_O_ACCMODE, _O_TRUNC = 0o3, 0o1000

# fcntl: duplicate, flags, pipe size, seals. Not locks (see SHARED_TRACES), F_SETOWN, F_SETSIG,
# F_SETOWN_EX (signals to others), F_NOTIFY, F_SETLEASE.
_FCNTL = (0, 1, 2, 3, 4, 9, 11, 1030, 1032, 1034)
# ioctl: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Not TIOCSTI, FIOSETOWN...
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# ioctls that no device of a graphics card needs: TIOCSTI, TIOCLINUX, FIOASYNC, FIOSETOWN, SIOCSPGRP
_IOCTL_REFUSED = (0x5412, 0x541C, 0x5452, 0x8901, 0x8902)
# prctl: PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_TIMERSLACK,
# PR_GET_TIMERSLACK, PR_GET_NO_NEW_PRIVS, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE, PR_SET_VMA
_PRCTL = (3, 15, 16, 23, 29, 30, 39, 41, 42, 0x53564D41)

CHECKED: dict[str, tuple[Check, ...]] = {
    "clone": (Check(0, (_CLONE_THREAD,), _CLONE_THREAD | _CLONE_REFUSED),),
    "kill": (Check(0, (PID,)),),
    "tgkill": (Check(0, (PID,)),),
    "rt_sigqueueinfo": (Check(0, (PID,)),),
    "rt_tgsigqueueinfo": (Check(0, (PID,)),),
    "prlimit64": (Check(0, _ITSELF),),
    "setpriority": (Check(0, (0,)), Check(1, _ITSELF)),
    "sched_setaffinity": (Check(0, _ITSELF),),
    "fcntl": (Check(1, _FCNTL),),
    "ioctl": (Check(1, _IOCTL),),
    "prctl": (Check(0, _PRCTL),),
    "preadv2": (Check(5, (0,)),),
    "pwritev2": (Check(5, (0,)),),
}

# Landlock below ABI 3 does not see truncation through a descriptor that is not for writing.
_NO_TRUNC = (0, 1, 2, 3, _O_TRUNC | 1, _O_TRUNC | 2)
TRUNCATION_CHECKED = {
    "open": (Check(1, _NO_TRUNC, _O_TRUNC | _O_ACCMODE),),
    "openat": (Check(2, _NO_TRUNC, _O_TRUNC | _O_ACCMODE),),
}

# SECCOMP_RET_* of linux/seccomp.h, BPF of linux/filter.h
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _AND, _JEQ, _JGE, _JA, _RET = 0x20, 0x54, 0x15, 0x35, 0x05, 0x06
_X32_BIT = 0x40000000
_SECCOMP_SET_MODE_FILTER = 1
_EPERM, _ENOSYS = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS

Verdict = int | tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the rest of the confinement looks like, as far as the filter depends on it."""

    own_mounts: bool
    processes: bool = False
    gpu: bool = False
    landlock_abi: int = 7


def verdicts(profile: Profile) -> dict[str, Verdict]:
    """System call name to verdict; names that are missing are refused with EPERM."""
    table: dict[str, Verdict] = {}
    for names in ALLOWED.values():
        table |= dict.fromkeys(names.split(), _ALLOW)
    table |= dict.fromkeys(UNSUPPORTED.split(), _ERRNO | errno.EOPNOTSUPP)
    table |= dict.fromkeys(SHARED_TRACES.split(), _ERRNO)
    table |= dict.fromkeys(METADATA.split(), _ALLOW if profile.own_mounts else _ERRNO)
    table |= CHECKED
    table["clone3"] = _ENOSYS  # its flags lie in memory, where no filter can look: use clone
    table["openat2"] = _ENOSYS
    if profile.own_mounts or profile.landlock_abi >= 3:
        table["truncate"] = _ALLOW
    else:
        table |= TRUNCATION_CHECKED
    if profile.processes:
        table |= dict.fromkeys(ALLOWED_FOR_PROCESSES.split(), _ALLOW)
        table["clone"] = (Check(0, (0, _CLONE_THREAD), _CLONE_THREAD | _CLONE_REFUSED),)
        table["socket"] = table["socketpair"] = (Check(0, (_AF_UNIX,)),)
    if profile.gpu:
        table["ioctl"] = (Check(1, _IOCTL_REFUSED, refused=True),)
        # CUDA does not start without a named socket that listens; nobody may connect to it
        seqpacket = Check(1, (_SOCK_SEQPACKET,), _SOCK_TYPE)
        table.setdefault("socket", (Check(0, (_AF_UNIX,)), seqpacket))
        table |= dict.fromkeys(("bind", "listen"), _ALLOW)
    return table


class Filter:
    """A compiled filter, laid out in memory by the template for a worker to apply."""

    def __init__(self, profile: Profile, machine: str = syscalls.MACHINE) -> None:
        program, self._pid_slots = compile_filter(profile, machine)
        self._code = ctypes.create_string_buffer(program, len(program))
        # struct sock_fprog: unsigned short len, padding, pointer
        where = ctypes.addressof(self._code)
        fprog = struct.pack("=HxxxxxxQ", len(program) // 8, where)
        self._fprog = ctypes.create_string_buffer(fprog, len(fprog))
        self._pid = PID

    def program(self, pid: int) -> bytes:
        """The BPF instructions for a worker whose process id is `pid`."""
        self._fill_in(pid)
        return self._code.raw

    def _fill_in(self, pid: int) -> None:
        for slot in self._pid_slots if pid != self._pid else ():
            struct.pack_into("=I", self._code, slot * 8 + 4, pid)
        self._pid = pid

    def install(self, pid: int) -> None:
        """Filters this thread, of process `pid`, for ever; needs no_new_privs. Raises OSError."""
        self._fill_in(pid)
        syscalls.call("seccomp", _SECCOMP_SET_MODE_FILTER, 0, ctypes.addressof(self._fprog))


def compile_filter(profile: Profile, machine: str) -> tuple[bytes, list[int]]:
    """BPF for `machine`, and the numbers of the instructions that compare with the process id.

    A binary search over ranges of numbers with one verdict: the kernel runs the filter once per
    known call when it is installed, so a short path there is what keeps installing cheap.
    """
    numbers = numbers_for(machine)
    table = verdicts(profile)
    newest = max(numbers.values())
    judged: dict[int, Verdict] = {n: table.get(name, _EPERM) for name, n in numbers.items()}
    ranges: list[tuple[int, Verdict]] = []  # (first number, verdict), up to the next entry
    for number in range(newest + 1):
        verdict = judged.get(number, _EPERM)
        if not ranges or ranges[-1][1] != verdict:
            ranges.append((number, verdict))
    ranges.append((newest + 1, _ENOSYS))
    if machine == "x86_64":
        ranges.append((_X32_BIT, _KILL))
    start = [(_LOAD, 0, 0, 4), (_JEQ, 1, 0, AUDIT_ARCH[machine]), (_RET, 0, 0, _KILL)]
    code = [*start, (_LOAD, 0, 0, 0), *_search(ranges)]
    slots = [i for i, (op, _, _, value) in enumerate(code) if op == _JEQ and value == PID]
    packed = b"".join(struct.pack("=HBBI", op, jt, jf, k & 0xFFFFFFFF) for op, jt, jf, k in code)
    return packed, slots


Instruction = tuple[int, int, int, int]


def _search(ranges: list[tuple[int, Verdict]]) -> list[Instruction]:
    """Finds the range that the loaded number lies in, and answers its verdict."""
    if len(ranges) == 1:
        return _answer(ranges[0][1])
    middle = len(ranges) // 2
    low, high = _search(ranges[:middle]), _search(ranges[middle:])
    first = ranges[middle][0]
    if len(low) < 256:
        return [(_JGE, len(low), 0, first), *low, *high]
    return [(_JGE, 0, 1, first), (_JA, 0, 0, len(low)), *low, *high]


def _answer(verdict: Verdict) -> list[Instruction]:
    if isinstance(verdict, int):
        return [(_RET, 0, 0, verdict)]
    code: list[Instruction] = []
    for check in verdict:
        code.append((_LOAD, 0, 0, 16 + 8 * check.arg))  # low half of a little-endian argument
        if check.mask != 0xFFFFFFFF:
            code.append((_AND, 0, 0, check.mask))
        count = len(check.values)
        if check.refused:  # a match jumps to the refusal, the last miss jumps over it
            for i, value in enumerate(check.values):
                code.append((_JEQ, count - 1 - i, int(i == count - 1), value))
        else:  # a match jumps over the refusal
            code += [(_JEQ, count - i, 0, value) for i, value in enumerate(check.values)]
        code.append((_RET, 0, 0, _EPERM))
    return [*code, (_RET, 0, 0, _ALLOW)]
