"""What hostile student code would try; each function returns if it worked and raises if not.

Run inside a worker by inside.py. `d` is what the trusted side planted for the attack (Decoys).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

from grader.sandbox import syscalls as sc

MIB = 2**20


class Stopped(Exception):
    """The call went through but had no effect."""


def read_outside(d):
    with open(d["file"]) as file:
        file.read()


def list_outside(d):
    os.listdir(d["folder"])


def stat_outside(d):
    os.stat(d["file"])


def read_through_symlink(d):
    os.symlink(d["file"], "link")
    with open("link") as file:
        file.read()


def hardlink_outside(d):
    os.link(d["file"], d["folder"] + "/second")
    os.unlink(d["folder"] + "/second")


def write_outside(d):
    os.close(os.open(d["folder"] + "/made", os.O_CREAT | os.O_WRONLY, 0o600))
    os.unlink(d["folder"] + "/made")


def truncate_outside(d):
    os.truncate(d["file"], 3)


def truncate_by_reading(d):
    os.close(os.open(d["file"], os.O_RDONLY | os.O_TRUNC))


def chmod_outside(d):
    before = os.stat(d["file"]).st_mode
    os.chmod(d["file"], before ^ 0o001)
    if os.stat(d["file"]).st_mode == before:
        raise Stopped


def utime_outside(d):
    os.utime(d["file"], (1, 1))
    if os.stat(d["file"]).st_mtime != 1:
        raise Stopped


def setxattr_outside(d):
    os.setxattr(d["file"], "user.seen", b"yes")


def tcp(d):
    with socket.socket() as sock:
        sock.settimeout(1)
        sock.connect(("127.0.0.1", d["port"]))


def tcp_listen(_d):
    with socket.create_server(("127.0.0.1", 0)):
        pass


def udp(d):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"hidden tests", ("127.0.0.1", d["port"]))


def unix_path(d):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(d["socket"])


def unix_abstract(d):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("\0" + d["socket"])


def signal_other(d):
    os.kill(d["pid"], 0)


def signal_by_setsig(d):
    """A signal that the kernel sends for us, when a pipe of ours becomes readable."""
    reader, writer = os.pipe()
    fcntl.fcntl(reader, 10, signal.SIGTERM)  # F_SETSIG
    fcntl.fcntl(reader, fcntl.F_SETOWN, d["victim"])
    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)
    os.write(writer, b"x")
    for _ in range(100):
        with open(f"/proc/{d['victim']}/stat") as file:
            if file.read().rpartition(")")[2].split()[0] in "ZX":
                return
        time.sleep(0.005)
    raise Stopped


def limits_of_other(d):
    resource.prlimit(d["pid"], resource.RLIMIT_CORE, (0, 0))


def priority_of_other(d):
    os.setpriority(os.PRIO_PROCESS, d["pid"], 5)


def affinity_of_other(d):
    os.sched_setaffinity(d["pid"], os.sched_getaffinity(0))


def ptrace(d):
    sc.call("ptrace", 0x4206, d["pid"], 0, 0)  # PTRACE_SEIZE; it ends with us


def memory_of_other(d):
    local = ctypes.create_string_buffer(8)
    iovec = (ctypes.c_size_t * 2)(ctypes.addressof(local), 1)
    remote = (ctypes.c_size_t * 2)(4096, 1)
    where = ctypes.addressof(iovec), ctypes.addressof(remote)
    try:
        sc.call("process_vm_readv", d["pid"], where[0], 1, where[1], 1, 0)
    except OSError as err:
        if err.errno != errno.EFAULT:  # EFAULT: allowed, nothing is at that address
            raise


def environment_of_other(d):
    with open(f"/proc/{d['pid']}/environ", "rb") as file:
        file.read()


def fork(_d):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def execute(_d):
    try:
        os.execv("/nothing-there", ["x"])
    except FileNotFoundError:
        return


def subprocess_run(_d):
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)


def user_namespace(_d):
    sc.unshare(sc.CLONE_NEWUSER)


def become_root(_d):
    os.setresuid(0, 0, 0)


def chroot(_d):
    os.chroot(".")


def memory(d):
    block = mmap.mmap(-1, (d["memory_mb"] + 64) * MIB)
    block.close()


def shared_memory(d):
    block = mmap.mmap(-1, (d["memory_mb"] + 64) * MIB, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    block.close()


def one_big_file(d):
    with open("big", "wb") as file:
        file.truncate((d["scratch_mb"] + 1) * MIB)


def many_files(d):
    for i in range(3):
        with open(f"part{i}", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, d["scratch_mb"] * MIB // 2)


def many_inodes(d):
    for i in range(d["scratch_files"] + 10):
        os.mkdir(f"d{i}")


def many_descriptors(_d):
    made = []
    try:
        for _ in range(200):
            made.append(os.dup(2))
    finally:
        for fd in made:
            os.close(fd)


def many_threads(_d):
    """More threads than a worker may have; their stacks are small, so memory does not stop it."""
    threading.stack_size(64 * 1024)
    go_on = threading.Event()
    threads = []
    try:
        for _ in range(1300):
            thread = threading.Thread(target=go_on.wait, daemon=True)
            thread.start()
            threads.append(thread)
    except RuntimeError as err:
        raise Stopped(f"{len(threads)} threads") from err
    finally:
        go_on.set()
        for thread in threads:
            thread.join()


def terminal_input(_d):
    """TIOCSTI types into the terminal, as if its user did; refused before it sees what fd 0 is."""
    try:
        fcntl.ioctl(0, 0x5412, b"x")
    except OSError as err:
        if err.errno not in (errno.ENOTTY, errno.EIO):
            raise


def socket_owner(_d):
    """SIOCSPGRP is F_SETOWN by another name."""
    try:
        fcntl.ioctl(0, 0x8902, (ctypes.c_int * 1)(os.getpid()))
    except OSError as err:
        if err.errno not in (errno.ENOTTY, errno.EINVAL):
            raise


def _try_calls(*calls):
    """Every one of the calls must be refused by the filter: EPERM or ENOSYS."""
    for name, *args in calls:
        try:
            sc.call(name, *args)
        except OSError as err:
            if err.errno not in (errno.EPERM, errno.ENOSYS, errno.EACCES):
                return
        else:
            return
    raise Stopped


def kernel_surface(_d):
    """Calls that a hostile program uses against the kernel; bad arguments, so that none acts."""
    _try_calls(
        ("io_uring_setup", 1, 0),
        ("bpf", 0, 0, 0),
        ("userfaultfd", 1 << 20),
        ("perf_event_open", 0, 0, 0, 0, 0),
        ("keyctl", 6, 0, 0),
        ("add_key", 0, 0, 0, 0, 0),
        ("shmget", 0, 4096, 0o600),
        ("msgget", 0, 0o600),
        ("semget", 0, 1, 0o600),
        ("mq_open", 0, 0, 0, 0),
        ("memfd_create", 0, 0),
        ("pidfd_open", 1 << 22, 0),
        ("inotify_init1", 1 << 30),
        ("fanotify_init", 1 << 30, 0),
        ("open_by_handle_at", -1, 0, 0),
        ("setns", -1, 0),
        ("pivot_root", 0, 0),
        ("personality", 0xFFFFFFFF),
        ("vmsplice", -1, 0, 0, 0),
        ("clone3", 0, 0),
        ("process_madvise", -1, 0, 0, 0, 0),
        ("landlock_restrict_self", -1, 0),
        ("seccomp", 9, 0, 0),
        ("sync"),
    )


def clone_flags(_d):
    """A new process or namespace by clone(2) with odd flags."""
    for flags in (0, 0x11, 0x8011, 0x10000000 | 17, 0x20000000 | 17, 0x4000 | 17):
        pid = 0
        with contextlib.suppress(OSError):
            pid = sc.call("clone", flags, 0, 0, 0, 0)
            if pid == 0:
                os._exit(0)
        if pid:
            os.waitpid(pid, 0x40000000)  # __WALL
            return
    raise Stopped


def stubborn_prctl(_d):
    """Without PR_SET_PDEATHSIG it would outlive the template."""
    sc.prctl(sc.PR_SET_PDEATHSIG, 0)


def left_open_descriptor(d):
    os.pread(d["fd"], 1, 0)
