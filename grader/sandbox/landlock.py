"""Landlock: reading only below chosen paths, writing only below the scratch, no TCP, no signals.

The template opens the paths and makes the rulesets; a worker only applies one. Landlock does not
mediate stat, chmod, utime, xattr, UDP or path sockets: seccomp and the mount namespace do.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterator

from grader.sandbox import syscalls

# linux/landlock.h; the ABI that brought each right is in the comment.
EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
ALL_OF_ABI_1 = (1 << 13) - 1
MAKE_CHAR = 1 << 6
MAKE_SOCK = 1 << 9
MAKE_BLOCK = 1 << 11
REFER = 1 << 13  # 2
TRUNCATE = 1 << 14  # 3
IOCTL_DEV = 1 << 15  # 5
NET_TCP = 0b11  # 4: bind and connect
SCOPES = 0b11  # 6: abstract sockets and signals
QUIET = 0b101  # 7: no audit records, or a hostile worker floods the log

NEWEST_ABI = 7
_CREATE_VERSION = 1
_PATH_BENEATH = 1
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


def abi_version(cap: int | None = None) -> int:
    """The Landlock ABI this kernel offers, at most `cap` and what is known here; 0: none."""
    try:
        found = syscalls.call("landlock_create_ruleset", 0, 0, _CREATE_VERSION)
    except OSError:
        return 0
    return min(found, NEWEST_ABI, NEWEST_ABI if cap is None else cap)


def handled_rights(abi: int) -> int:
    """Every file right that `abi` can withhold."""
    rights = ALL_OF_ABI_1
    rights |= REFER if abi >= 2 else 0
    rights |= TRUNCATE if abi >= 3 else 0
    rights |= IOCTL_DEV if abi >= 5 else 0
    return rights


class Rules:
    """Paths opened in the template, from which it makes the ruleset of each worker."""

    def __init__(
        self,
        abi: int,
        readable: tuple[str, ...],
        devices: tuple[str, ...],
        hidden: tuple[str, ...] = (),
    ) -> None:
        self.abi = abi
        self._rules: list[tuple[int, int]] = []  # (rights, descriptor)
        # a rule is for what a link points to, so what is hidden is looked for there
        real = [os.path.realpath(path) for path in readable]
        given = dict(rule for path in real for rule in _around(path, hidden))
        for path, rights in given.items():
            if os.path.exists(path):
                self._open(path, rights)
        for path in devices:
            self._open(path, READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV)

    def _open(self, path: str, rights: int) -> None:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        self._rules.append((rights & handled_rights(self.abi), fd))

    def ruleset(
        self, writable: str, *, readable: str = "", threads: str = "", sockets: bool = False
    ) -> int:
        """A new ruleset's descriptor, which also allows to write below `writable`.

        And to read below `readable` and to write the existing files below `threads` ("": no more
        than the rules say); with `sockets`, to make socket files too. About 0.1 ms. Raises OSError.
        """
        rights = handled_rights(self.abi) & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK)
        rights &= ~(0 if sockets else MAKE_SOCK)
        # struct landlock_ruleset_attr: handled_access_fs, handled_access_net, scoped
        net, scopes = NET_TCP if self.abi >= 4 else 0, SCOPES if self.abi >= 6 else 0
        size = 24 if self.abi >= 6 else 16 if self.abi >= 4 else 8
        handled = struct.pack("=QQQ", handled_rights(self.abi), net, scopes)
        attr = ctypes.create_string_buffer(handled)
        ruleset = syscalls.call("landlock_create_ruleset", ctypes.addressof(attr), size, 0)
        names = (WRITE_FILE | TRUNCATE) & handled_rights(self.abi)
        more = [(rights, writable), (READ_FILE | READ_DIR, readable), (names, threads)]
        opened = [(given, os.open(path, os.O_PATH | os.O_CLOEXEC)) for given, path in more if path]
        try:
            beneath = ctypes.create_string_buffer(12)  # packed: allowed_access u64, parent_fd s32
            where = ctypes.addressof(beneath)
            for allowed, fd in self._rules + opened:
                struct.pack_into("=Qi", beneath, 0, allowed, fd)
                syscalls.call("landlock_add_rule", ruleset, _PATH_BENEATH, where, 0)
        except OSError:
            os.close(ruleset)
            raise
        finally:
            for _, fd in opened:
                os.close(fd)
        return ruleset


def _around(path: str, hidden: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Rules to read `path` but not what is hidden below it, whose names alone can be listed.

    A rule holds for all below its path and none takes away: beside what is hidden each entry needs
    one of its own.
    """
    if path in hidden:
        return
    if not any(other.startswith(f"{path}/") for other in hidden):
        yield path, READ_FILE | READ_DIR
        return
    yield path, READ_DIR
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if not entry.is_symlink():  # a rule would be for what it points to
            yield from _around(entry.path, hidden)


def restrict_self(ruleset: int, abi: int) -> None:
    """Confines this thread by `ruleset` for ever; needs no_new_privs. Raises OSError."""
    syscalls.call("landlock_restrict_self", ruleset, QUIET if abi >= 7 else 0)
