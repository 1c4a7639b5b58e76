"""Why a layer is missing and what to do about it, in words for an instructor.

Reads a few files of /proc; decides nothing.
"""

from __future__ import annotations

import os

from grader.sandbox.errors import StepError

_APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_CLONE_SWITCH = "/proc/sys/kernel/unprivileged_userns_clone"
_MOST = "/proc/sys/user/max_user_namespaces"

NO_LANDLOCK = (
    "Landlock: this kernel does not offer it: Linux 5.13 or newer with `landlock` in its lsm= list"
)
NO_SECCOMP = "seccomp: no filter for this machine or kernel: x86_64 or aarch64 Linux has it"
NO_PROCESSES = (
    "processes: they need a pid and a network namespace of their own; workers cannot fork here"
)
NO_SIZE = "memory limit: /proc cannot be read, so it is not known what the template uses"


def no_cgroup(err: OSError) -> str:
    """Why there is no control group."""
    return f"cgroup: {err}: root can make them where the memory and pids controllers are enabled"


def _reads(path: str) -> str:
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def for_failure(failure: StepError) -> str:
    """One sentence: what was refused, how, and the remedy."""
    said = f"{failure.layer}: {failure}"
    if failure.layer == "uid":
        return f"{said}: the user is kept without capabilities; use a Python that others can read"
    if failure.layer == "userns" and _reads(_CLONE_SWITCH) == "0":
        return f"{said}: sysctl kernel.unprivileged_userns_clone=1 allows them"
    if failure.layer == "userns" and _reads(_MOST) == "0":
        return f"{said}: sysctl user.max_user_namespaces=10000 allows them"
    if _reads(_APPARMOR) == "1" and os.geteuid() != 0:
        return f"{said}: sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them, or root"
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return f"{said}: this container forbids namespaces; grade on its host for level 3"
    return f"{said}: grade as root, or where ordinary users may make user namespaces"
