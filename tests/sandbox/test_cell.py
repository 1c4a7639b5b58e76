"""A cell's life: honest code works in it, its ends are told apart, nothing outlives it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time

import pytest

from grader.sandbox import ALL_LAYERS
from grader.sandbox.policy import FIRST_UID, NAMESPACE_LAYERS

LEVELS = {"level 3": ALL_LAYERS, "level 2": ALL_LAYERS - NAMESPACE_LAYERS}
levels = pytest.mark.parametrize("layers", LEVELS.values(), ids=LEVELS)


@levels
def test_honest_code_works(sandbox, any_user, layers):
    """Files, copies, temporary files, threads and imports work in a sealed worker."""
    found = sandbox.run_inside(any_user, layers, ["honest"])
    answer = found["honest"]
    assert answer.pop("files") == ["a", "copy2.txt", "data.txt"]
    assert answer.pop("random") == 16
    uid, pid = answer.pop("uid"), answer.pop("pid")
    assert (uid > FIRST_UID) == ("uid" in found["layers"])
    assert (pid == 1) == ("pidns" in found["layers"])
    assert answer.pop("processors") >= 1
    assert answer == {
        "temporary file inside": True,
        "home": True,
        "imported": "colorsys",
        "null": True,
    }


@levels
def test_scratch_is_fresh_for_each_worker(sandbox, any_user, layers):
    """What one worker leaves, the next does not see."""
    first = sandbox.run_inside(any_user, layers, ["sees_last_scratch", "honest"])
    assert first["sees_last_scratch"] == []
    assert "left-behind" not in first["honest"]["files"]


@levels
def test_no_scratch_is_left_on_disk(sandbox, any_user, layers, tmp_path):
    """Scratch folders are removed with what they hold."""
    root = tmp_path if any_user.uid == os.geteuid() else None
    policy = {"scratch_root": str(root)} if root else {}
    if root:
        os.chmod(root, 0o755)
    sandbox.run_inside(any_user, layers, ["honest", "sees_last_scratch"], **policy)
    assert list(tmp_path.iterdir()) == []


@levels
def test_descriptors_of_the_template_are_closed(sandbox, user, layers):
    """A worker holds what it was told to keep and nothing else."""
    found = sandbox.run_inside(user, layers, ["left_open_descriptor"])
    assert found["left_open_descriptor"] == "EBADF"


def test_sealed_worker_has_no_privileges(sandbox, user):
    """No capability in any set, no new privileges, filter on, no supplementary group."""
    found = sandbox.run_inside(user, ALL_LAYERS, ["privileges"], proc=True)
    answer = found["privileges"]
    groups = answer.pop("groups")
    assert "uid" not in found["layers"] or groups == []
    filtered = 2 if "seccomp" in found["layers"] else 0
    # an ordinary user without a user namespace cannot empty the bounding set, and need not
    if "userns" not in found["layers"] and user.name == "ordinary":
        answer["CapBnd"] = 0
    sets = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0)
    assert answer == sets | {"NoNewPrivs": 1, "Seccomp": filtered}


@levels
def test_ends_are_told_apart(sandbox, any_user, layers):
    """An exit code, a kill by pidfd, a crash and an abort."""
    found = sandbox.run_inside(any_user, layers, ["exits", "crash", "abort"])
    assert found["exits"] == [[7, None], [None, signal.SIGKILL]]
    assert found["crash"] == {"exit": None, "signal": signal.SIGSEGV}
    # process 1 of a namespace ignores SIGABRT; the C library then ends it by a bad instruction
    assert found["abort"]["signal"] in (signal.SIGABRT, signal.SIGSEGV, signal.SIGILL)


@levels
def test_processor_time_is_bounded(sandbox, layers):
    """A worker that ignores SIGXCPU is killed when its processor time is used up."""
    found = sandbox.run_inside(sandbox.users()[-1], layers, ["burn"], cpu_s=1.0)
    assert found["burn"] == {"exit": None, "signal": signal.SIGKILL}


def test_workers_beside_each_other_share_no_user(sandbox, any_user):
    """As root each worker has a user of its own."""
    found = sandbox.run_inside(any_user, ALL_LAYERS, ["two_at_once"])
    (uid1, _), (uid2, _) = found["two_at_once"]
    assert (uid1 != uid2) == ("uid" in found["layers"])


def test_foreign_and_future_calls(sandbox, user):
    """The x32 table kills; a number that no kernel has yet looks like an older kernel."""
    found = sandbox.run_inside(user, ALL_LAYERS, ["x32", "new_call"])
    x86 = os.uname().machine == "x86_64"
    assert found["x32"] == ({"exit": None, "signal": signal.SIGSYS} if x86 else "worked -1")
    assert found["new_call"] == "ENOSYS"


def test_processes_where_allowed(sandbox, user):
    """multiprocessing works, a fork bomb stops, a daemon ends with its worker."""
    needed = {"pidns", "netns", "mountns"}
    jobs = ["pool", "fork_bomb", "leave_daemon"]
    found = sandbox.run_inside(user, ALL_LAYERS, jobs, processes=4, proc=True)
    if not needed <= set(found["layers"]):
        assert any("processes" in note for note in found["missing"])
        return
    assert found["pool"] == [1, 2, 3]
    assert found["fork_bomb"] < 100
    assert found["leave_daemon"] == "left"


def start_sleeper(sandbox, user, layers) -> tuple[subprocess.Popen, list[int]]:
    """A program with a template and a sleeping worker: the program, and every process below it."""
    request = {"policy": {"layers": sorted(layers)}, "jobs": ["descendants"]}
    pipe = subprocess.PIPE
    program = user.start(user.python, "-I", str(sandbox.INSIDE), stdin=pipe, stdout=pipe)
    program.stdin.write(json.dumps(request).encode())
    program.stdin.close()
    assert program.stdout.readline() == b"worker\n"
    found, waiting = [], [program.pid]
    while waiting:
        pid = waiting.pop()
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(child) for child in file.read().split()]
        found += children
        waiting += children
    assert len(found) == 2  # template and worker; the program is the stub
    return program, found


def all_end(pids: list[int], seconds: float = 5.0) -> bool:
    """Whether every process ends in time."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            fd = os.pidfd_open(pid)
            try:
                if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    return False
            finally:
                os.close(fd)
    return True


@levels
@pytest.mark.parametrize("victim", ["stub", "template"])
def test_nothing_outlives_the_template(sandbox, any_user, layers, victim):
    """Killing the stub or the template ends the worker too."""
    program, pids = start_sleeper(sandbox, any_user, layers)
    with program:
        os.kill(program.pid if victim == "stub" else pids[0], signal.SIGKILL)
        assert all_end(pids)
        assert program.wait(5) == -signal.SIGKILL


def test_nothing_outlives_the_judge(sandbox, user):
    """The stub ends everything when the process that started it is killed."""
    layers = sorted(ALL_LAYERS)
    request = json.dumps({"policy": {"layers": layers}, "jobs": ["descendants"]})
    code = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-I', sys.argv[1]], stdin=-1)\n"
        "p.stdin.write(sys.argv[2].encode()); p.stdin.close()\n"
        "time.sleep(10)\n"
    )
    pipe = subprocess.PIPE
    command = (user.python, "-I", "-c", code, str(sandbox.INSIDE), request)
    with user.start(*command, stdout=pipe) as judge:
        assert judge.stdout.readline() == b"worker\n"
        with open(f"/proc/{judge.pid}/task/{judge.pid}/children") as file:
            stub = int(file.read())
        judge.kill()
        assert all_end([stub])
        assert judge.stdout.read() == b""  # nobody holds the other end any more


def test_control_group_where_it_can_be_had(sandbox, user):
    """Joined and removed again, or refused with a note; never a reason to fail."""
    before = set(os.listdir("/sys/fs/cgroup")) if os.path.isdir("/sys/fs/cgroup") else set()
    found = sandbox.run_inside(user, ALL_LAYERS, ["honest"], cgroup_mb=512)
    assert found["cgroup"] or any(note.startswith("cgroup: ") for note in found["missing"])
    assert "imported" in found["honest"]
    after = set(os.listdir("/sys/fs/cgroup")) if os.path.isdir("/sys/fs/cgroup") else set()
    assert after == before
