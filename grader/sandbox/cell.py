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
import time
from dataclasses import dataclass, field

from grader.sandbox import cgroup, landlock, limits, namespaces, remedies, scratch, seccomp, sweeper
from grader.sandbox import syscalls as sc
from grader.sandbox.errors import SandboxError, StepError
from grader.sandbox.policy import FIRST_UID, NAMESPACE_LAYERS, UID_COUNT, Policy
from grader.sandbox.probe import Plan, plan_layers
from grader.sandbox.stub import watch_template

OOM_SCORE = "500"  # of 1000: short of memory, the kernel ends a worker before the judge
THREAD_NAMES = "/proc/self/task"
_DOCTOR = "run `grader doctor` to see what this machine allows"


@dataclass(frozen=True, kw_only=True)
class WorkerEnd:
    """How a worker ended: by `exit_code` or by `signal`; what it and its children used."""

    exit_code: int | None
    signal: int | None
    cpu_s: float
    peak_rss_mb: float


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """What the template makes ready for one worker, so that the worker has little left to do.

    Every object that a forked worker touches costs it a copied page.
    """

    owner: tuple[int, int] | None  # uid and gid of its own
    scratch: str
    mount_options: str
    ruleset: int  # Landlock descriptor, -1: none
    limits: dict[str, int]
    parent: int  # process id whose death ends the worker, 0: not to be checked


@dataclass
class Cell:
    """The layers that hold, and this process' part in them; made by `enter_cell` only."""

    policy: Policy
    layers: frozenset[str]
    landlock_abi: int = 0
    missing: tuple[str, ...] = ()
    cgroup: bool = False
    _base: str = ""  # where scratch folders are made; "" with mount namespaces
    _filter: seccomp.Filter | None = None
    _rules: landlock.Rules | None = None
    _ruleset: int = -1  # the one for all workers, with mount namespaces
    _size_fd: int = -1
    _pidns_fd: int = -1
    _devnull: int = -1
    _told_fd: int = -1  # by which the sweeper is told of scratch folders to remove
    _other_tasks: int = 0
    _count: int = 0
    _scratches: dict[int, str] = field(default_factory=dict)
    _prepared: _Prepared | None = None  # in a worker: its own
    _failure: OSError | None = None

    # In the template

    @property
    def forks(self) -> bool:
        """Whether `fork_worker` works here; if not, each worker is a fresh process that seals."""
        return sys.platform == "linux" and not self.policy.gpu

    def fork_worker(self) -> int:
        """os.fork() into a new worker: 0 there, its process id here. 1 to 2 ms with numpy loaded.

        The worker has its own scratch as working folder, HOME and TMPDIR; it is confined only by
        `seal`, which also raises what went wrong before. Raises SandboxError in the template.
        """
        if not self.forks:
            raise SandboxError(
                "this cell's workers cannot be forked",
                hint="execute a fresh process for each worker and call seal() there",
            )
        try:
            prepared = self._prepare(forked=True)
            pid = self._fork()
        except OSError as err:
            raise SandboxError(f"a worker could not be started: {err}") from err
        if pid == 0:
            self._begin(prepared)
            return 0
        if self._base:
            self._scratches[pid] = prepared.scratch
        if prepared.ruleset not in (-1, self._ruleset):
            os.close(prepared.ruleset)
        return pid

    def wait_worker(self, pid: int, *, block: bool = True) -> WorkerEnd | None:
        """Waits for a worker and has its scratch removed; None if it runs and `block` is false."""
        found, status, usage = os.wait4(pid, 0 if block else os.WNOHANG)
        if found == 0:
            return None
        if pid in self._scratches:
            self._remove(self._scratches.pop(pid))
        code = os.waitstatus_to_exitcode(status)
        return WorkerEnd(
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_rss_mb=usage.ru_maxrss / 1024,
        )

    def _make_room(self) -> None:
        """Has the scratch folders of workers removed that have ended and are not waited for yet."""
        for pid in list(self._scratches):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                self._remove(self._scratches.pop(pid))

    def _remove(self, folder: str) -> None:
        if self._told_fd >= 0:
            sweeper.tell(self._told_fd, folder)
        else:
            scratch.remove(folder)

    def open_pidfd(self, pid: int) -> int:
        """A descriptor of the worker, for poll and kill without races; sent on to the judge."""
        return os.pidfd_open(pid)

    def close(self) -> None:
        """Removes what the cell left on disk; in the template only."""
        if self._base and self._prepared is None:
            scratch.remove(self._base)

    # In the worker

    @property
    def scratch(self) -> str:
        """This worker's scratch folder, "" in the template."""
        return self._prepared.scratch if self._prepared else ""

    def seal(self, keep_fds: tuple[int, ...] = ()) -> None:
        """Confines this process for ever; only `keep_fds` stay open. 1 to 2 ms.

        Of 0, 1 and 2 those not kept become /dev/null. Raises SandboxError: the caller must then
        end the process without running student code.
        """
        prepared = self._prepared
        if prepared is None:
            try:
                prepared = self._prepare(forked=False)
            except OSError as err:
                raise _explained("a worker's preparation", err) from err
            self._begin(prepared)
        if self._failure is not None:
            raise _explained("a worker's mounts and scratch", self._failure) from self._failure
        if sys.platform == "linux":
            self._confine(prepared, keep_fds)
        elif "rlimits" in self.layers:
            limits.apply_limits(limits.constant_limits(self.policy) | prepared.limits)

    # Parts

    @property
    def _own_proc(self) -> bool:
        return self.policy.proc or self.policy.gpu

    @property
    def _threads(self) -> str:
        """Where a thread's name is written, which CUDA does and needs; "" without a GPU."""
        return THREAD_NAMES if self.policy.gpu else ""

    def _fork(self) -> int:
        """os.fork() into a new pid namespace, where there are some. Raises OSError."""
        if "pidns" not in self.layers:
            return os.fork()
        sc.unshare(sc.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:  # the template's next child is to be in its own namespace again
                sc.setns(self._pidns_fd, sc.CLONE_NEWPID)
        return pid

    def _prepare(self, *, forked: bool) -> _Prepared:
        """In the template, before the fork. Raises OSError."""
        self._count += 1
        made, options, ruleset, owner = namespaces.SCRATCH, "", self._ruleset, None
        if "uid" in self.layers:
            owner = (FIRST_UID + self._count % UID_COUNT,) * 2
        if self._base:
            made = scratch.make_with_patience(self._base, self._count, owner, self._make_room)
        else:
            options = namespaces.scratch_options(self.policy, owner)
        if self._base and self._rules is not None:
            ruleset = self._rules.ruleset(made, threads=self._threads)
        size = None
        if self._size_fd >= 0:
            pages = int(os.pread(self._size_fd, 64, 0).split()[0])
            size = pages * os.sysconf("SC_PAGE_SIZE")
        used_cpu_s = 0.0 if forked else time.process_time()
        rlimits = limits.worker_limits(
            self.policy, size_bytes=size, other_tasks=self._other_tasks, used_cpu_s=used_cpu_s
        )
        return _Prepared(
            owner=owner,
            scratch=made,
            mount_options=options,
            ruleset=ruleset,
            limits=rlimits,
            parent=os.getpid() if forked and "pidns" not in self.layers else 0,
        )

    def _begin(self, prepared: _Prepared) -> None:
        """In the worker, right after the fork; a failure waits for `seal` to raise it."""
        self._prepared = prepared
        try:
            if prepared.mount_options:
                namespaces.enter_worker_mounts(
                    prepared.mount_options,
                    proc=self._own_proc,
                    processes=self.policy.processes > 0,
                )
            else:
                os.chdir(prepared.scratch)
                _live_in(prepared.scratch)
        except OSError as err:
            self._failure = err

    def _confine(self, prepared: _Prepared, keep_fds: tuple[int, ...]) -> None:
        """The layers of one worker, in the only order that works: each needs those after it."""
        doing = "standard streams"
        try:
            for fd in {0, 1, 2}.difference(keep_fds):
                os.dup2(self._devnull, fd)
            doing = "user and capabilities"
            self._drop_privileges(prepared)
            doing = "Landlock"
            if prepared.ruleset >= 0:
                landlock.restrict_self(self._final_ruleset(prepared), self.landlock_abi)
            doing = "descriptors"
            sc.close_fds_except(keep_fds)
            doing = "limits"
            if "rlimits" in self.layers:
                limits.apply_limits(prepared.limits)
            doing = "system call filter"
            if self._filter is not None:
                self._filter.install(os.getpid())
        except OSError as err:
            raise _explained(doing, err) from err

    def _final_ruleset(self, prepared: _Prepared) -> int:
        """The prepared one, unless it must name a /proc that was mounted since."""
        if self._rules is None or not (self._own_proc and prepared.mount_options):
            return prepared.ruleset
        sockets = self.policy.processes > 0
        return self._rules.ruleset(
            prepared.scratch, readable="/proc", threads=self._threads, sockets=sockets
        )

    def _drop_privileges(self, prepared: _Prepared) -> None:
        if os.getsid(0) != os.getpid():
            os.setsid()
        if prepared.owner is not None:
            uid, gid = prepared.owner
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)  # drops every capability
        elif "caps" in self.layers:
            sc.drop_capabilities()
        sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it: only now
        if prepared.parent and os.getppid() != prepared.parent:
            os._exit(1)  # the template died before the line above
        # no core dump, no tracer; but with a /proc, /proc/self is to belong to this process
        sc.prctl(sc.PR_SET_DUMPABLE, int(self._own_proc))


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
    groups, no_groups = _join_groups(policy)
    first = os.getpid() % UID_COUNT  # templates beside each other start at different users
    try:
        namespaces.unshare_layers(plan.layers & NAMESPACE_LAYERS)
        told_fd = watch_template(base, groups, forks=not policy.gpu)  # returns in the child
        cell = _settle(policy, plan, base)
        cell._told_fd = told_fd
    except StepError as err:
        raise SandboxError(
            f"the sandbox could not be set up ({err.layer}): {err}", hint=_DOCTOR
        ) from err
    except OSError as err:
        raise _explained("the template's set-up", err) from err
    cell._count, cell.cgroup = first, bool(groups)
    cell.missing += no_groups
    return cell


def _join_groups(policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The control groups joined, and the note if they were wanted and refused."""
    try:
        return (cgroup.join(policy.cgroup_mb) if policy.cgroup_mb else ()), ()
    except OSError as err:
        return (), (remedies.no_cgroup(err),)


def _settle(policy: Policy, plan: Plan, base: str) -> Cell:
    """What the template does once it is inside its namespaces. Raises StepError, OSError."""
    layers = plan.layers
    cell = Cell(policy, layers, landlock_abi=plan.landlock_abi, missing=plan.missing, _base=base)
    cell._devnull = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        cell._size_fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        cell.missing += (remedies.NO_SIZE,)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(OOM_SCORE)
    if "pidns" in layers:
        cell._pidns_fd = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    own_room = "userns" in layers or "uid" in layers
    cell._other_tasks = (
        8 if own_room else limits.tasks_of_user(os.geteuid()) + limits.ROOM_FOR_OTHERS
    )
    if "mountns" in layers:
        namespaces.enter_new_root(policy, proc=cell._own_proc)
        _live_in(namespaces.SCRATCH)
    if "landlock" in layers:
        paths, devices = policy.readable_paths(), policy.device_paths()
        if policy.gpu and base:
            paths += ("/proc/self",)  # this very process will be the worker
        # where there are mounts, nothing lies at the hidden paths any more
        hidden = policy.hidden if base else ()
        cell._rules = landlock.Rules(plan.landlock_abi, paths, devices, hidden)
        if not base:
            sockets = plan.profile.processes
            cell._ruleset = cell._rules.ruleset(namespaces.SCRATCH_PARENT, sockets=sockets)
    if "seccomp" in layers:
        cell._filter = seccomp.Filter(plan.profile)
        cell._filter.program(1)  # most workers are process 1
    if "uid" in layers:
        os.setgroups([])
    with contextlib.suppress(OSError):  # an ordinary user has none to drop
        sc.drop_bounding_set()
    sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
    if "rlimits" in layers:
        limits.apply_limits(limits.constant_limits(policy))
    return cell


def _live_in(folder: str) -> None:
    os.environ.update(HOME=folder, TMPDIR=folder, TMP=folder, TEMP=folder)
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = None


def _refuse_threads() -> None:
    with contextlib.suppress(OSError):
        if len(os.listdir("/proc/self/task")) > 1:
            raise SandboxError(
                "a process with threads cannot enter a cell",
                hint="set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 before it starts",
            )


def _explained(doing: str, err: OSError) -> SandboxError:
    return SandboxError(f"a worker could not be confined: {doing}: {err}", hint=_DOCTOR)
