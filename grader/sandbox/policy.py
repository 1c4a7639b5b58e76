"""What a worker may reach and how much it may use: plain data that travels as a dict.

Holds no path of a hidden test. Reads nothing but this interpreter's own settings.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from dataclasses import dataclass
from typing import Any

# Every layer, in the order in which it is applied.
LAYER_ORDER = (
    "userns",
    "pidns",
    "mountns",
    "netns",
    "ipcns",
    "uid",
    "caps",
    "rlimits",
    "landlock",
    "seccomp",
)
ALL_LAYERS = frozenset(LAYER_ORDER)
NAMESPACE_LAYERS = frozenset({"userns", "pidns", "mountns", "netns", "ipcns"})

# Users of workers when the template is root: one each, reused after this many. Below 65536, as
# containers seldom map more; 61184 and up belong to systemd.
FIRST_UID = 61000
UID_COUNT = 184

SYSTEM_PATHS = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
PROCESSOR_PATHS = ("/proc/cpuinfo", "/sys/devices/system/cpu")  # torch and the C library read them
GPU_PATHS = (
    "/sys",
    "/usr/local/nvidia",
    "/proc/devices",
    "/proc/driver/nvidia",
    "/proc/meminfo",
    "/proc/modules",
    "/proc/sys/vm",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What one worker may do; sizes in MiB, times in seconds of processor time.

    `readable` are the paths a worker may read beside the system's libraries (`python_paths()` for
    this interpreter); `hidden` is what lies below them and is not for a worker. `processes` > 0
    lets a worker fork that many, where pid namespaces work.
    `scratch_root` is where scratch folders are made on machines that lack mount namespaces.
    `cgroup_mb` > 0 bounds the template and all its workers together, where groups can be written.
    `gpu` lets a worker reach the graphics cards and use at most `gpu_memory_mb` of one.
    `layers` and `landlock_abi_cap` switch layers off or make a kernel look old: for tests.
    """

    readable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    scratch_mb: int = 16
    scratch_files: int = 1024
    scratch_root: str = ""
    memory_mb: int = 1024
    cpu_s: float = 10.0
    processes: int = 0
    threads: int = 0  # 0: a few, see grader.sandbox.limits
    max_open_files: int = 64
    cgroup_mb: int = 0
    gpu: bool = False
    gpu_memory_mb: int = 0
    proc: bool = False
    layers: frozenset[str] = ALL_LAYERS
    landlock_abi_cap: int | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.layers) - ALL_LAYERS)
        if unknown:
            raise ValueError(f"no such layer: {', '.join(unknown)}")
        wide = [path for path in self.readable if not path.startswith("/") or path.strip("/") == ""]
        if wide:
            raise ValueError(f"readable paths must be absolute and not the root: {wide[0]!r}")
        if self.scratch_mb < 1 or self.memory_mb < 1 or self.cpu_s <= 0:
            raise ValueError("scratch_mb, memory_mb and cpu_s must be positive")

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, for `from_dict`."""
        plain = dataclasses.asdict(self)
        lists = {name: list(plain[name]) for name in ("readable", "hidden")}
        return plain | lists | {"layers": sorted(self.layers)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Policy:
        """The inverse of `to_dict`; unknown keys raise TypeError."""
        tuples = {name: tuple(plain[name]) for name in ("readable", "hidden")}
        return cls(**plain | tuples | {"layers": frozenset(plain["layers"])})

    def readable_paths(self) -> tuple[str, ...]:
        """Every path that a worker may read, devices apart; some may not exist."""
        gpu = GPU_PATHS if self.gpu else ()
        return tuple(
            dict.fromkeys((*SYSTEM_PATHS, *SYSTEM_FILES, *PROCESSOR_PATHS, *gpu, *self.readable))
        )

    def device_paths(self, root: str = "") -> tuple[str, ...]:
        """Every device that a worker may read and write and that exists below `root`."""
        names = list(DEVICES)
        if self.gpu and os.path.isdir(root + "/dev"):
            found = sorted(os.listdir(root + "/dev"))
            names += [f"/dev/{name}" for name in found if name.startswith("nvidia")]
        return tuple(path for path in names if os.path.exists(root + path))


def python_paths() -> tuple[str, ...]:
    """What this interpreter needs to import its standard library, packages and this one.

    Never a home folder or the root as a whole: a prefix that wide is left out, as the course's
    hidden tests could lie below it.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, package]
    found += [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    paths: list[str] = []
    for path in map(os.path.abspath, found):
        too_wide = path in ("/", os.path.expanduser("~"))
        if os.path.isdir(path) and not too_wide and path not in paths:
            paths.append(path)
    return tuple(paths)
