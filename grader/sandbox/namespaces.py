"""Namespaces and the new read-only root: entered once by the template, then once by each worker.

Each step raises StepError with its layer, so that the caller can go on without that layer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from grader.sandbox import syscalls as sc
from grader.sandbox.errors import StepError
from grader.sandbox.policy import PROCESSOR_PATHS, Policy

OLD_ROOT = "/.old"
# The worker's only writable folder in the new root, its own mount. Landlock allows writing below
# the folder that holds it, which the template can name before the mount is made.
SCRATCH_PARENT = "/cell"
SCRATCH = "/cell/home"
EMPTY_FILE = "/cell/.empty"
HOST_NAME = b"worker"


@contextmanager
def step(layer: str, what: str) -> Iterator[None]:
    """Turns an OSError into a StepError of `layer`."""
    try:
        yield
    except OSError as err:
        raise StepError(layer, what, err) from err


def enter_user_namespace() -> None:
    """A user namespace in which this user keeps its number and holds every capability."""
    uid, gid = os.geteuid(), os.getegid()
    with step("userns", "new user namespace"):
        sc.unshare(sc.CLONE_NEWUSER)
    with step("userns", "user and group map"):
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def unshare_layers(layers: frozenset[str]) -> None:
    """The namespaces of `layers` except mounts; the pid namespace is for the next child only."""
    if "userns" in layers:
        enter_user_namespace()
    for layer, flags in (
        ("netns", sc.CLONE_NEWNET),
        ("ipcns", sc.CLONE_NEWIPC | sc.CLONE_NEWUTS),
        ("pidns", sc.CLONE_NEWPID),
    ):
        if layer in layers:
            with step(layer, f"new {layer[:-2]} namespace"):
                sc.unshare(flags)
    if "ipcns" in layers:
        with suppress(OSError):  # hides the machine's name, no more
            sc.sethostname(HOST_NAME)


def enter_new_root(policy: Policy, *, proc: bool) -> None:
    """Makes `/` a read-only tmpfs that shows only what `policy` lets a worker read.

    Folders on the way are made afresh with mode 755: a Python below a closed home folder can be
    reached in here. `proc`: mounts a /proc of the current pid namespace.
    """
    with step("mountns", "new mount namespace"):
        sc.unshare(sc.CLONE_NEWNS)
        sc.mount("none", "/", None, sc.MS_REC | sc.MS_PRIVATE)
    with step("mountns", "new root"):
        umask = os.umask(0o022)
        flags = sc.MS_NOSUID | sc.MS_NODEV
        sc.mount("grader", "/tmp", "tmpfs", flags, "size=1m,nr_inodes=4096,mode=755")
        os.mkdir("/tmp" + OLD_ROOT)
        os.makedirs("/tmp" + SCRATCH)
        sc.pivot_root("/tmp", "/tmp" + OLD_ROOT)
        os.chdir("/")
    read_only = sc.MOUNT_ATTR_RDONLY | sc.MOUNT_ATTR_NOSUID
    with step("mountns", "readable paths"):
        readable = [_follow(os.path.normpath(path)) for path in policy.readable_paths()]
        shown = _outermost(readable)
    for path in shown:
        with step("mountns", f"show {path}"):
            _show(path, read_only | sc.MOUNT_ATTR_NODEV)
    for path in policy.device_paths(root=OLD_ROOT):
        with step("mountns", f"show {path}"):
            _show(path, read_only)
    for path in sorted(_follow(os.path.normpath(path)) for path in policy.hidden):
        with step("mountns", f"hide {path}"):
            if any(path == other or path.startswith(f"{other}/") for other in shown):
                _hide(path, _outermost(p for p in readable if p.startswith(f"{path}/")))
    if proc:
        with step("mountns", "own /proc (it fails where parts of /proc are masked)"):
            os.makedirs("/proc", exist_ok=True)
            mount_proc()
    with step("mountns", "old root detached"):
        if not os.path.lexists("/tmp"):  # a Python may be there
            os.symlink(SCRATCH, "/tmp")
        if policy.processes:
            os.symlink(f"{SCRATCH}/shm", "/dev/shm")
        sc.unmount(OLD_ROOT)
        os.rmdir(OLD_ROOT)
        sc.set_mount_flags("/", read_only, recursive=False)
        os.umask(umask)


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths that exist in the old root, without those below another one."""
    shown: list[str] = []
    for path in sorted(set(paths)):
        if os.path.exists(OLD_ROOT + path) and not any(path.startswith(f"{p}/") for p in shown):
            shown.append(path)
    return shown


def _show(path: str, attributes: int) -> None:
    """Binds the old root's `path`, which has no symbolic link on its way, at the same place."""
    if os.path.isdir(OLD_ROOT + path):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    try:
        sc.mount(OLD_ROOT + path, path, None, sc.MS_BIND | sc.MS_REC)
    except OSError:
        if path in PROCESSOR_PATHS:  # good to have, no more
            return
        raise
    sc.set_mount_flags(path, attributes)


def _hide(path: str, inside: Sequence[str] = ()) -> None:
    """Mounts nothing over `path`, an empty folder or file, but shows again what is `inside`.

    So a Python that lies in the folder of a course can be read, and the course cannot.
    """
    if os.path.isdir(path):
        flags, inodes = sc.MS_NOSUID | sc.MS_NODEV, 256 if inside else 1
        sc.mount("hidden", path, "tmpfs", flags, f"size=64k,nr_inodes={inodes},mode=755")
        read_only = sc.MOUNT_ATTR_RDONLY | sc.MOUNT_ATTR_NOSUID | sc.MOUNT_ATTR_NODEV
        for shown in inside:
            _show(shown, read_only)
        sc.set_mount_flags(path, read_only, recursive=False)
    elif os.path.exists(path):
        os.close(os.open(EMPTY_FILE, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        sc.mount(EMPTY_FILE, path, None, sc.MS_BIND)


def _follow(path: str) -> str:
    """`path` without symbolic links as the old root has them; each is made again in the new one."""
    done, todo = "", [part for part in path.split("/") if part]
    for _ in range(1000):
        if not todo:
            return done or "/"
        here = f"{done}/{todo.pop(0)}"
        if not os.path.islink(OLD_ROOT + here):
            done = here
            continue
        target = os.readlink(OLD_ROOT + here)
        if not os.path.lexists(here):
            os.makedirs(os.path.dirname(here), exist_ok=True)
            os.symlink(target, here)
        absolute = os.path.normpath(os.path.join(os.path.dirname(here), target))
        done, todo = "", [part for part in absolute.split("/") if part] + todo
    raise OSError(f"too many symbolic links: {path}")


def mount_proc() -> None:
    """Mounts a /proc of the current pid namespace over /proc."""
    sc.mount("proc", "/proc", "proc", sc.MS_NOSUID | sc.MS_NODEV | sc.MS_NOEXEC)


def scratch_options(policy: Policy, owner: tuple[int, int] | None) -> str:
    """tmpfs options of a scratch of bounded size for `owner` (uid, gid; None: this user)."""
    owner = owner or (os.geteuid(), os.getegid())
    size = f"size={policy.scratch_mb}m,nr_inodes={policy.scratch_files}"
    return f"{size},mode=700,uid={owner[0]},gid={owner[1]}"


def enter_worker_mounts(options: str, *, proc: bool, processes: bool) -> None:
    """In a worker: mounts of its own, with a fresh scratch as working folder. Raises OSError."""
    sc.unshare(sc.CLONE_NEWNS)
    sc.mount("scratch", SCRATCH, "tmpfs", sc.MS_NOSUID | sc.MS_NODEV | sc.MS_NOEXEC, options)
    if proc:
        mount_proc()
    os.chdir(SCRATCH)
    if processes:
        os.mkdir("shm")
        os.chmod("shm", 0o777)  # the scratch around it is closed
