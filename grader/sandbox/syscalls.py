"""Thin ctypes wrappers of the Linux calls that Python lacks; each raises OSError.

Imports cleanly everywhere; calling anything off Linux raises OSError(ENOSYS). No policy in here.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable

from grader.sandbox.numbers import numbers_for, this_machine

MACHINE = this_machine() if sys.platform == "linux" else ""
NUMBERS = numbers_for(MACHINE)

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# linux/mount.h
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 0x2
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4
AT_RECURSIVE = 0x8000
AT_FDCWD = -100

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

# linux/capability.h
CAP_SYS_ADMIN = 21
_CAPABILITY_VERSION_3 = 0x20080522


class _Missing:
    """Stands where the C library cannot be loaded or lacks a function."""

    argtypes: object = None
    restype: object = None

    def __call__(self, *_args: object) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def _function(name: str, *argtypes: object) -> Callable[..., int]:
    function = getattr(_libc, name, None) if _libc is not None else None
    if function is None:
        return _Missing()
    function.argtypes = list(argtypes)
    function.restype = ctypes.c_long if name == "syscall" else ctypes.c_int
    return function


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_LONG, _TEXT, _INT = ctypes.c_long, ctypes.c_char_p, ctypes.c_int
_syscall = _function("syscall", *[_LONG] * 7)
_mount = _function("mount", _TEXT, _TEXT, _TEXT, ctypes.c_ulong, _TEXT)
_umount2 = _function("umount2", _TEXT, _INT)
_unshare = _function("unshare", _INT)
_setns = _function("setns", _INT, _INT)
_sethostname = _function("sethostname", _TEXT, ctypes.c_size_t)
_prctl = _function("prctl", _INT, *[ctypes.c_ulong] * 4)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def call(name: str, *args: int) -> int:
    """The raw system call `name`; pointers go as addresses."""
    number = NUMBERS.get(name)
    if number is None:
        raise OSError(errno.ENOSYS, f"{name}: {os.strerror(errno.ENOSYS)}")
    padded = args + (0,) * (6 - len(args))
    return _checked(_syscall(number, *padded), name)


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2)."""
    fstype = kind.encode() if kind is not None else None
    raw = os.fsencode(source), os.fsencode(target)
    _checked(_mount(*raw, fstype, flags, data.encode() or None), f"mount {target}")


def unmount(target: str) -> None:
    """umount2(2), detaching what is below `target` too."""
    _checked(_umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """pivot_root(2)."""
    new = ctypes.create_string_buffer(os.fsencode(new_root))
    old = ctypes.create_string_buffer(os.fsencode(put_old))
    call("pivot_root", ctypes.addressof(new), ctypes.addressof(old))


def set_mount_flags(target: str, attributes: int, *, recursive: bool = True) -> None:
    """mount_setattr(2): sets MOUNT_ATTR_* on `target` and what is mounted below; Linux 5.12."""
    path = ctypes.create_string_buffer(os.fsencode(target))
    attr = ctypes.create_string_buffer(struct.pack("=QQQQ", attributes, 0, 0, 0), 32)
    where = ctypes.addressof(path)
    flags = AT_RECURSIVE if recursive else 0
    call("mount_setattr", AT_FDCWD, where, flags, ctypes.addressof(attr), 32)


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked(_unshare(flags), "unshare")


def setns(fd: int, flags: int) -> None:
    """setns(2)."""
    _checked(_setns(fd, flags), "setns")


def sethostname(name: bytes) -> None:
    """sethostname(2)."""
    _checked(_sethostname(name, len(name)), "sethostname")


def prctl(option: int, *args: int) -> int:
    """prctl(2)."""
    padded = args + (0,) * (4 - len(args))
    return _checked(_prctl(option, *padded), f"prctl {option}")


def drop_capabilities() -> None:
    """Empties the effective, permitted, inheritable and ambient sets of this thread."""
    header = ctypes.create_string_buffer(struct.pack("=II", _CAPABILITY_VERSION_3, 0), 8)
    data = ctypes.create_string_buffer(24)
    call("capset", ctypes.addressof(header), ctypes.addressof(data))


def effective_capabilities() -> int:
    """Bit mask of this thread's effective capabilities."""
    header = ctypes.create_string_buffer(struct.pack("=II", _CAPABILITY_VERSION_3, 0), 8)
    data = ctypes.create_string_buffer(24)
    call("capget", ctypes.addressof(header), ctypes.addressof(data))
    words = struct.unpack("=6I", data.raw)
    return words[0] | words[3] << 32


def drop_bounding_set() -> None:
    """Empties the capability bounding set; what is held now stays held."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as err:
            if err.errno == errno.EINVAL:  # past the last capability of this kernel
                return
            raise


def close_fds_except(keep: tuple[int, ...]) -> None:
    """Closes every descriptor from 3 up that is not in `keep`; close_range(2), Linux 5.9."""
    low = 3
    for fd in [*sorted({fd for fd in keep if fd >= 3}), 2**32 - 1]:
        if fd > low:
            try:
                call("close_range", low, fd if fd == 2**32 - 1 else fd - 1, 0)
            except OSError:
                os.closerange(low, min(fd, os.sysconf("SC_OPEN_MAX")))
        low = fd + 1
