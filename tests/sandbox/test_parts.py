"""The parts that need no cell: the filter's program on both machines, scratch removal, limits."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from pathlib import Path

import pytest

from grader.sandbox import Policy, cgroup, limits, scratch, syscalls
from grader.sandbox.numbers import AUDIT_ARCH, numbers_for
from grader.sandbox.seccomp import (
    ALLOWED,
    METADATA,
    SHARED_TRACES,
    UNSUPPORTED,
    Filter,
    Profile,
    verdicts,
)

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM = ERRNO | errno.EPERM
machines = pytest.mark.parametrize("machine", sorted(AUDIT_ARCH))
PROFILES = {
    "level 3": Profile(own_mounts=True),
    "level 2": Profile(own_mounts=False),
    "old": Profile(own_mounts=False, landlock_abi=1),
    "processes": Profile(own_mounts=True, processes=True),
    "gpu": Profile(own_mounts=True, gpu=True),
}
profiles = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
PID = 4242


def verdict(program: bytes, number: int, *args: int, arch: int) -> int:
    """What the kernel would answer: runs the BPF program, whose subset here has six operations."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *(args + (0,) * (6 - len(args))))
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at, loaded = 0, 0
    while True:
        op, jump_true, jump_false, value = code[at]
        at += 1
        if op == 0x20:
            loaded = struct.unpack_from("=I", data, value)[0]
        elif op == 0x54:
            loaded &= value
        elif op in (0x15, 0x35):
            holds = loaded == value if op == 0x15 else loaded >= value
            at += jump_true if holds else jump_false
        elif op == 0x05:
            at += value
        else:
            assert op == 0x06
            return value


class Judge:
    """Asks a compiled filter by name."""

    def __init__(self, profile: Profile, machine: str) -> None:
        self.program = Filter(profile, machine).program(PID)
        self.numbers, self.arch = numbers_for(machine), AUDIT_ARCH[machine]

    def __call__(self, name: str, *args: int) -> int:
        return verdict(self.program, self.numbers[name], *args, arch=self.arch)


@machines
@profiles
def test_filter_says_what_the_tables_say(profile, machine):
    """Every call of the machine gets its verdict from the program that it has in the policy."""
    judge = Judge(profile, machine)
    table = verdicts(profile)
    plain = {name: table.get(name, EPERM) for name in judge.numbers}
    plain = {name: value for name, value in plain.items() if isinstance(value, int)}
    assert {name: judge(name) for name in plain} == plain
    assert len(plain) > 250


@machines
@profiles
def test_filter_bounds(profile, machine):
    """Numbers past the table look like an older kernel; other tables kill."""
    judge = Judge(profile, machine)
    newest = max(judge.numbers.values())
    future = ERRNO | errno.ENOSYS
    assert verdict(judge.program, newest + 1, arch=judge.arch) == future
    assert verdict(judge.program, 2**32 - 1, arch=judge.arch) in (future, KILL)
    assert verdict(judge.program, judge.numbers["read"], arch=0x40000003) == KILL  # i386
    if machine == "x86_64":
        assert verdict(judge.program, 0x40000000, arch=judge.arch) == KILL
    assert judge("clone3") == future


@machines
@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("kill", (PID, 9), ALLOW),
        ("kill", (PID + 1, 0), EPERM),
        ("kill", (2**32 - 1, 0), EPERM),  # everyone
        ("kill", (0, 0), EPERM),  # the process group
        ("kill", (2**64 - PID, 0), EPERM),
        ("tgkill", (PID, 7, 6), ALLOW),
        ("tgkill", (PID - 1, 7, 6), EPERM),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (1, 7), EPERM),
        ("setpriority", (0, 0, 5), ALLOW),
        ("setpriority", (2, 0, 5), EPERM),  # all of a user's processes
        ("setpriority", (0, 1, 5), EPERM),
        ("clone", (0x3D0F00,), ALLOW),  # glibc's pthread_create
        ("clone", (0x3D0F00 | 0x10000000,), EPERM),
        ("clone", (17,), EPERM),
        ("clone", (0x4111,), EPERM),
        ("fcntl", (3, 1030), ALLOW),
        ("fcntl", (3, 8, 1), EPERM),  # F_SETOWN
        ("fcntl", (3, 10, 15), EPERM),  # F_SETSIG
        ("fcntl", (3, 15, 0), EPERM),  # F_SETOWN_EX
        ("fcntl", (3, 2**32 + 8, 1), EPERM),
        ("fcntl", (3, 6, 1), EPERM),  # F_SETLK
        ("fcntl", (3, 36, 1), EPERM),  # F_OFD_GETLK
        ("fcntl", (3, 37, 1), EPERM),  # F_OFD_SETLK
        ("flock", (3, 2), ERRNO),
        ("preadv2", (3, 0, 1, 0, 0, 0), ALLOW),
        ("preadv2", (3, 0, 1, 0, 0, 8), EPERM),  # RWF_NOWAIT: only what is in memory
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
        ("ioctl", (0, 2**32 + 0x5412), EPERM),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),
        ("prctl", (22,), EPERM),  # PR_SET_SECCOMP
        ("socket", (1,), EPERM),
        ("execveat", (), EPERM),
        ("ptrace", (), EPERM),
    ],
)
def test_arguments_are_judged(machine, name, args, expected):
    """The calls that depend on an argument, the upper half of which the kernel ignores too."""
    assert Judge(PROFILES["level 2"], machine)(name, *args) == expected


@machines
def test_profiles_differ_where_they_should(machine):
    """Metadata, truncation, sockets, processes and devices."""
    judges = {name: Judge(profile, machine) for name, profile in PROFILES.items()}
    assert judges["level 3"]("fchmodat") == ALLOW
    assert judges["level 2"]("fchmodat") == ERRNO  # success, and nothing happens
    assert judges["level 2"]("truncate") == ALLOW
    assert judges["old"]("truncate") == EPERM
    for flags, expected in ((0o1000, EPERM), (0o1001, ALLOW), (0o1002, ALLOW), (0o1003, EPERM)):
        assert judges["old"]("openat", 0, 0, flags) == expected
        assert judges["level 3"]("openat", 0, 0, flags) == ALLOW
    assert judges["processes"]("clone", 17) == ALLOW
    assert judges["processes"]("clone", 0x10000011) == EPERM
    assert judges["processes"]("socket", 1) == ALLOW
    assert judges["processes"]("socket", 2) == EPERM
    assert judges["processes"]("execve") == EPERM
    assert judges["gpu"]("ioctl", 9, 0xC020462A) == ALLOW
    assert judges["gpu"]("ioctl", 0, 0x5412) == EPERM
    assert judges["gpu"]("ioctl", 0, 0x8902) == EPERM
    assert judges["gpu"]("socket", 1, 5 | 0o2000000) == ALLOW  # SEQPACKET, CLOEXEC
    assert judges["gpu"]("socket", 1, 2) == EPERM  # DGRAM: could send without connecting
    assert judges["gpu"]("socket", 2, 5) == EPERM
    assert judges["gpu"]("connect") == judges["gpu"]("accept4") == EPERM


def test_policy_names_only_calls_that_exist():
    """A misspelt name would be refused in silence."""
    known = numbers_for("x86_64")
    named = " ".join([*ALLOWED.values(), METADATA, SHARED_TRACES, UNSUPPORTED]).split()
    named += [name for profile in PROFILES.values() for name in verdicts(profile)]
    assert [name for name in named if name not in known] == []


def test_numbers_are_this_machines():
    """The table agrees with the C library where both can be asked."""
    assert syscalls.call("getpid") == os.getpid()
    assert syscalls.call("getppid") == os.getppid()
    assert numbers_for("riscv64") == {}


def test_missing_function_raises():
    """A call without a number is an OSError, not a wild jump."""
    with pytest.raises(OSError, match="no_such_call"):
        syscalls.call("no_such_call")


def test_scratch_of_a_hostile_worker_is_removed(tmp_path):
    """Deep trees, closed folders, links and odd names go; what links point to stays."""
    outside = tmp_path / "outside"
    outside.write_text("stays")
    base = scratch.make_base(str(tmp_path))
    path = scratch.make_scratch(base, 1, None)
    start = os.getcwd()
    os.chdir(path)
    os.symlink(outside, "link")
    os.symlink(tmp_path, "folder-link")
    os.mkfifo("fifo")
    with open(b"\xff\n", "w") as file:
        file.write("x")
    try:
        for _ in range(500):
            os.mkdir("d" * 50)
            os.chdir("d" * 50)
        os.mkdir("closed", 0o000)
    finally:
        os.chdir(start)
    scratch.remove(base)
    assert [entry.name for entry in tmp_path.iterdir()] == ["outside"]
    assert outside.read_text() == "stays"
    scratch.remove(base)  # again: nothing to do


def test_limits_follow_the_policy():
    """Address space is what the template has plus the limit; a GPU's process has none."""
    policy = Policy(memory_mb=100, cpu_s=2.5, max_open_files=20, processes=3)
    found = limits.worker_limits(policy, size_bytes=5 * 2**20, other_tasks=10, used_cpu_s=1.0)
    assert found == {"CPU": 4, "NOFILE": 20, "NPROC": 21, "AS": 105 * 2**20}
    assert "AS" not in limits.worker_limits(policy, size_bytes=None, other_tasks=0)
    gpu = Policy(gpu=True)
    assert "AS" not in limits.worker_limits(gpu, size_bytes=1, other_tasks=0)
    assert limits.tasks_of_user(os.geteuid()) >= 1


@pytest.mark.parametrize("version", [1, 2])
def test_cgroup_is_made_and_left(tmp_path, version, monkeypatch):
    """The right files of a tree like the kernel's are written; a refusal leaves nothing."""
    folders = {1: ("memory", "pids"), 2: ("",)}[version]
    files = {
        1: ("cgroup.procs", "memory.limit_in_bytes", "pids.max"),
        2: ("cgroup.procs", "memory.max", "memory.swap.max", "pids.max"),
    }[version]
    (tmp_path / "cgroup.controllers").touch() if version == 2 else None
    made_by_kernel = os.mkdir

    def mkdir(path):
        made_by_kernel(path)
        for name in files:
            Path(path, name).touch()

    for folder in folders:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "cgroup.procs").touch()
    monkeypatch.setattr(os, "mkdir", mkdir)
    made = cgroup.join(100, str(tmp_path))
    assert len(made) == len(folders)
    memory = f"{made[0]}/{files[1]}"
    assert Path(memory).read_text() == str(100 * 2**20)
    assert Path(f"{made[-1]}/cgroup.procs").read_text() == str(os.getpid())
    monkeypatch.setattr(os, "mkdir", made_by_kernel)
    for folder in made:
        shutil.rmtree(folder)
    with pytest.raises(OSError, match=files[1]):  # no such file in a new folder
        cgroup.join(100, str(tmp_path))
    assert not any(os.path.exists(folder) for folder in made)
