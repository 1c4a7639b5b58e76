"""Finds out which layers this machine allows, by trying them in a child that then ends.

Trying is the only honest way: kernels, containers and AppArmor each refuse in their own manner,
some only at the second step. Every refusal is noted with its remedy.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from grader.sandbox import landlock, namespaces, remedies, seccomp
from grader.sandbox import syscalls as sc
from grader.sandbox.errors import StepError
from grader.sandbox.policy import FIRST_UID, NAMESPACE_LAYERS, Policy

_SECCOMP_GET_ACTION_AVAIL = 2
_NEED_USERNS = NAMESPACE_LAYERS - {"userns"}
# A user of its own: CAP_CHOWN, CAP_DAC_OVERRIDE (its scratch), CAP_KILL, CAP_SETGID, CAP_SETUID
_CAPS_FOR_UID = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 7


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The layers to apply and why others are not."""

    layers: frozenset[str]
    missing: tuple[str, ...]
    landlock_abi: int
    profile: seccomp.Profile


def plan_layers(policy: Policy) -> Plan:
    """The most that this machine allows of what `policy` asks for. 5 to 20 ms."""
    missing: list[str] = []
    layers = set(policy.layers)
    held = sc.effective_capabilities()
    if held >> sc.CAP_SYS_ADMIN & 1:
        layers.discard("userns")  # not needed
    elif "userns" not in layers:
        layers -= NAMESPACE_LAYERS
    may_change_user = os.geteuid() == 0 and held & _CAPS_FOR_UID == _CAPS_FOR_UID
    if "userns" in layers or not may_change_user:
        layers.discard("uid")  # a user map made without privilege holds this user only
    _drop_refused(policy, layers, missing)
    abi = landlock.abi_version(policy.landlock_abi_cap) if "landlock" in layers else 0
    if "landlock" in layers and abi == 0:
        layers.discard("landlock")
        missing.append(remedies.NO_LANDLOCK)
    if "seccomp" in layers and not _has_seccomp():
        layers.discard("seccomp")
        missing.append(remedies.NO_SECCOMP)
    processes = policy.processes > 0
    if processes and not {"pidns", "netns"} <= layers:
        processes = False
        missing.append(remedies.NO_PROCESSES)
    profile = seccomp.Profile(
        own_mounts="mountns" in layers, processes=processes, gpu=policy.gpu, landlock_abi=abi
    )
    return Plan(layers=frozenset(layers), missing=tuple(missing), landlock_abi=abi, profile=profile)


def _drop_refused(policy: Policy, layers: set[str], missing: list[str]) -> None:
    """Takes out of `layers` the namespaces, and the user, that a trial cannot have."""
    asked = layers & _NEED_USERNS
    while tried := layers & (NAMESPACE_LAYERS | {"uid"}):
        failure = _try(policy, frozenset(layers))
        if failure is None:
            break
        missing.append(remedies.for_failure(failure))
        refused = NAMESPACE_LAYERS if failure.layer == "userns" else {failure.layer}
        layers -= refused & tried or tried  # always fewer
        if not layers & _NEED_USERNS:
            layers.discard("userns")
    if asked and not layers & _NEED_USERNS:
        del missing[1:]  # one cause: it refused one namespace after the other


def _has_seccomp() -> bool:
    kill_process = ctypes.c_uint32(0x80000000)
    try:
        sc.call("seccomp", _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.addressof(kill_process))
    except OSError:
        return False
    return True


def _try(policy: Policy, layers: frozenset[str]) -> StepError | None:
    """Enters the namespaces, a worker's mounts and its user in a child; the step that failed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _report(writer, lambda: _outer(policy, layers, writer))
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read().decode(errors="replace")
    os.waitpid(pid, 0)
    if said == "done":
        return None
    layer, _, rest = said.partition("\0")
    step, _, reason = rest.partition("\0")
    if not reason:
        return StepError("userns", "trying namespaces", "the trial process died")
    return StepError(layer, step, reason)


def _report(writer: int, attempt: Callable[[], None]) -> NoReturn:
    """Runs `attempt`, says on `writer` which step failed, and ends this process."""
    try:
        attempt()
    except StepError as err:
        os.write(writer, "\0".join((err.layer, err.step, err.reason)).encode())
    finally:
        os._exit(0)


def _outer(policy: Policy, layers: frozenset[str], writer: int) -> None:
    namespaces.unshare_layers(layers & NAMESPACE_LAYERS)
    if os.fork() == 0:  # the first process of the new pid namespace
        _report(writer, lambda: _inner(policy, layers, writer))
    os.wait()


def _inner(policy: Policy, layers: frozenset[str], writer: int) -> None:
    if "pidns" in layers:
        with namespaces.step("pidns", "a second pid namespace, and back"):
            here = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
            sc.unshare(sc.CLONE_NEWPID)
            sc.setns(here, sc.CLONE_NEWPID)
    if "mountns" in layers:
        proc = policy.proc or policy.gpu
        namespaces.enter_new_root(policy, proc=proc)
        owner = (FIRST_UID, FIRST_UID) if "uid" in layers else None
        options = namespaces.scratch_options(policy, owner)
        with namespaces.step("mountns", "worker's mounts"):
            namespaces.enter_worker_mounts(options, proc=proc, processes=policy.processes > 0)
    if "uid" in layers:
        with namespaces.step("uid", "user of its own"):
            os.setgroups([])
            os.setresgid(FIRST_UID, FIRST_UID, FIRST_UID)
            os.setresuid(FIRST_UID, FIRST_UID, FIRST_UID)
        needed = [*policy.readable, *(path for path in sys.path if os.path.isabs(path))]
        if "mountns" not in layers:
            needed.append(policy.scratch_root or tempfile.gettempdir())
        for path in needed:
            if not _can_read(path):
                raise StepError("uid", f"a user of its own cannot read {path}", "closed folder")
    os.write(writer, b"done")


def _can_read(path: str) -> bool:
    """Whether `path` can be read, or is not there at all."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return os.access(path, os.R_OK | os.X_OK if stat.S_ISDIR(found.st_mode) else os.R_OK)
