"""The cell: what a template process enters once and each of its workers completes.

    template:  enter_cell -> fork_worker -> wait_worker -> fork_worker -> ...
    worker:    (0 from fork_worker) -> seal -> student code

Each set-up step that the machine refuses is left out and noted; `run_canaries` then proves what
holds. No import of the template, the wire or the judge.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field

from grader.sandbox import landlock, limits, namespaces, scratch, seccomp
from grader.sandbox import syscalls as sc
from grader.sandbox.errors import SandboxError, StepError
from grader.sandbox.policy import FIRST_UID, NAMESPACE_LAYERS, UID_COUNT, Policy
from grader.sandbox.probe import Plan, plan_layers
from grader.sandbox.stub import watch_template


@dataclass(frozen=True, kw_only=True)
class WorkerEnd:
    """How a worker ended: by `exit_code` or by `signal`; what it and its children used."""

    exit_code: int | None
    signal: int | None
    cpu_s: float
    peak_rss_mb: float


@dataclass
class Cell:
    """The layers that hold, and the process' part in them; made by `enter_cell` only."""

    policy: Policy
    layers: frozenset[str]
    landlock_abi: int = 0
    missing: tuple[str, ...] = ()
    _base: str = ""  # where scratch folders are made; "" with mount namespaces
    _filter: seccomp.Filter | None = None
    _ruleset: landlock.Ruleset | None = None
    _size_fd: int = -1
    _pidns_fd: int = -1
    _devnull: int = -1
    _template: int = 0
    _other_tasks: int = 0
    _count: int = 0
    _scratches: dict[int, str] = field(default_factory=dict)
    _scratch: str = ""  # of this worker
    _failure: StepError | None = None
    _is_worker: bool = False

    # In the template

    @property
    def forks(self) -> bool:
        """Whether `fork_worker` works here; if not, each worker is a fresh process that seals."""
        return sys.platform == "linux" and not self.policy.gpu

    def fork_worker(self) -> int:
        """os.fork() into a new worker: 0 there, its process id here. About 1 ms.

        The worker has its own scratch as working folder, HOME and TMPDIR; it is confined only by
        `seal`, which also raises what went wrong before. Raises SandboxError in the template.
        """
        if not self.forks:
            raise SandboxError(
                "this cell's workers cannot be forked",
                hint="execute a fresh process for each worker and call seal() there",
            )
        self._count += 1
        try:
            made = self._make_scratch()
            if "pidns" in self.layers:
                sc.unshare(sc.CLONE_NEWPID)
            pid = os.fork()
            if pid and "pidns" in self.layers:
                sc.setns(self._pidns_fd, sc.CLONE_NEWPID)
        except OSError as err:
            raise SandboxError(f"a worker could not be started: {err}") from err
        if pid == 0:
            self._become_worker(made)
            return 0
        if made:
            self._scratches[pid] = made
        return pid

    def wait_worker(self, pid: int, *, block: bool = True) -> WorkerEnd | None:
        """Waits for the worker and removes its scratch; None if it runs and `block` is false."""
        found, status, usage = os.wait4(pid, 0 if block else os.WNOHANG)
        if found == 0:
            return None
        if pid in self._scratches:
            scratch.remove(self._scratches.pop(pid))
        code = os.waitstatus_to_exitcode(status)
        return WorkerEnd(
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_rss_mb=usage.ru_maxrss / 1024,
        )

    def open_pidfd(self, pid: int) -> int:
        """A descriptor of the worker, for poll and kill without races; sent on to the judge."""
        return os.pidfd_open(pid)

    def close(self) -> None:
        """Removes what the cell left on disk."""
        if self._base and not self._is_worker:
            scratch.remove(self._base)

    # In the worker

    @property
    def scratch(self) -> str:
        """This worker's scratch folder."""
        return self._scratch

    def seal(self, keep_fds: tuple[int, ...] = ()) -> None:
        """Confines this process for ever; only `keep_fds` stay open. About 1 ms.

        Of 0, 1 and 2 those not kept become /dev/null. Raises SandboxError: the caller must then
        end the process without running student code.
        """
        if not self._is_worker:
            self._count += 1
            self._become_worker(self._make_scratch())
        if self._failure is not None:
            raise _explained(self._failure)
        if sys.platform == "linux":
            self._seal_linux(keep_fds)
        else:
            limits.apply_limits(limits.limits_for(self.policy, size_bytes=None, other_tasks=0))

    def _seal_linux(self, keep_fds: tuple[int, ...]) -> None:
        step = namespaces.step
        size = self._size_bytes()
        rule_fds = self._ruleset.fds if self._ruleset else ()
        try:
            with step("rlimits", "descriptors"):
                for fd in {0, 1, 2} - set(keep_fds):
                    os.dup2(self._devnull, fd)
                sc.close_fds_except((*keep_fds, *rule_fds))
            with contextlib.suppress(PermissionError):  # it leads a session already
                os.setsid()
            if "uid" in self.layers:
                with step("uid", "user of its own"):
                    uid, gid = self._owner()
                    os.setgroups([])
                    os.setresgid(gid, gid, gid)
                    os.setresuid(uid, uid, uid)
            if "caps" in self.layers:
                with step("caps", "capabilities"):
                    sc.prctl(sc.PR_CAP_AMBIENT, sc.PR_CAP_AMBIENT_CLEAR_ALL)
                    sc.drop_capabilities()
            self._die_with_template()
            with step("seccomp", "no new privileges"):
                sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
            if self._ruleset is not None:
                with step("landlock", "Landlock"):
                    self._ruleset.restrict((self._scratch,), sockets=self.policy.processes > 0)
                sc.close_fds_except(keep_fds)
            if "rlimits" in self.layers:
                with step("rlimits", "limits"):
                    tasks = self._other_tasks
                    limits.apply_limits(
                        limits.limits_for(self.policy, size_bytes=size, other_tasks=tasks)
                    )
            if self._filter is not None:
                with step("seccomp", "system call filter"):
                    self._filter.install(os.getpid())
        except StepError as err:
            raise _explained(err) from err

    # Parts

    def _owner(self) -> tuple[int, int]:
        if "uid" not in self.layers:
            return os.geteuid(), os.getegid()
        uid = FIRST_UID + (self._template + self._count) % UID_COUNT
        return uid, uid

    def _make_scratch(self) -> str:
        if not self._base:
            return ""
        owner = self._owner() if "uid" in self.layers else None
        return scratch.make_scratch(self._base, self._count, owner)

    def _become_worker(self, made: str) -> None:
        self._is_worker = True
        try:
            if "mountns" in self.layers:
                own_proc = self.policy.proc or self.policy.gpu
                namespaces.enter_worker_mounts(self.policy, owner=self._owner(), proc=own_proc)
                made = namespaces.SCRATCH
            with namespaces.step("mountns", "scratch"):
                os.chdir(made)
        except StepError as err:
            self._failure = err
        self._scratch = made
        os.environ.update(HOME=made, TMPDIR=made, TMP=made, TEMP=made)
        if "tempfile" in sys.modules:
            sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]

    def _die_with_template(self) -> None:
        sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)
        forked = not self.policy.gpu
        if forked and "pidns" not in self.layers and os.getppid() != self._template:
            os._exit(1)  # the template died before the line above

    def _size_bytes(self) -> int | None:
        if self._size_fd < 0:
            return None
        return int(os.pread(self._size_fd, 64, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")


def enter_cell(policy: Policy) -> Cell:
    """Puts this process into the namespaces that `policy` asks for and the machine allows.

    Must be called once, with one thread. On Linux the process forks: the caller goes on in the
    child (another process id), the parent waits and ends as the child ends; killing either, or the
    process that started them, kills everything inside. 10 to 30 ms. Raises SandboxError.
    """
    if sys.platform != "linux":
        base = scratch.make_base(policy.scratch_root)
        held = frozenset({"rlimits"} if limits.resource is not None else ()) & policy.layers
        note = f"{sys.platform} has no way to confine a process without a helper program"
        remedy = "grade inside a Linux container or virtual machine"
        return Cell(policy, held, missing=(f"{note}: {remedy}",), _base=base)
    _refuse_threads()
    plan = plan_layers(policy)
    base = "" if "mountns" in plan.layers else scratch.make_base(policy.scratch_root)
    try:
        namespaces.unshare_layers(plan.layers & NAMESPACE_LAYERS)
        watch_template(base)  # returns in the child
        return _settle(policy, plan, base)
    except StepError as err:
        raise _explained(err) from err


def _settle(policy: Policy, plan: Plan, base: str) -> Cell:
    """What the template does once it is inside its namespaces."""
    layers = plan.layers
    devnull = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    size_fd = pidns_fd = -1
    with contextlib.suppress(OSError):
        size_fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    if "pidns" in layers:
        with namespaces.step("pidns", "handle of the pid namespace"):
            pidns_fd = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    own_room = "userns" in layers or "uid" in layers
    tasks = 8 if own_room else limits.tasks_of_user(os.geteuid()) + limits.ROOM_FOR_OTHERS
    if "mountns" in layers:
        namespaces.enter_new_root(policy, proc=policy.proc or policy.gpu)
    with contextlib.suppress(OSError):  # an ordinary user has none to drop
        sc.drop_bounding_set()
    cell = Cell(policy, layers, landlock_abi=plan.landlock_abi, missing=plan.missing, _base=base)
    cell._devnull, cell._size_fd, cell._pidns_fd = devnull, size_fd, pidns_fd
    cell._template, cell._other_tasks = os.getpid(), tasks
    if "landlock" in layers:
        with namespaces.step("landlock", "paths"):
            paths = policy.readable_paths()
            if (policy.proc or policy.gpu) and "mountns" in layers:
                paths = (*paths, "/proc")
            devices = policy.device_paths()
            cell._ruleset = landlock.Ruleset(plan.landlock_abi, paths, devices)
    if "seccomp" in layers:
        cell._filter = seccomp.Filter(plan.profile)
    return cell


def _refuse_threads() -> None:
    with contextlib.suppress(OSError):
        if len(os.listdir("/proc/self/task")) > 1:
            raise SandboxError(
                "a process with threads cannot enter a cell",
                hint="import only, with OMP_NUM_THREADS=1, before enter_cell",
            )


def _explained(err: StepError) -> SandboxError:
    return SandboxError(
        f"the sandbox could not be set up ({err.layer}): {err.step}: {err.reason}",
        hint="run `grader doctor` to see what this machine allows",
    )
