"""A cell's life: honest code works in it, its ends are told apart, nothing outlives it."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from grader.sandbox import ALL_LAYERS, scratch
from grader.sandbox.policy import FIRST_UID, NAMESPACE_LAYERS

LEVELS = {"level 3": ALL_LAYERS, "level 2": ALL_LAYERS - NAMESPACE_LAYERS}
levels = pytest.mark.parametrize("layers", LEVELS.values(), ids=LEVELS)


@functools.cache
def life(sandbox, user, layers) -> dict:
    """One cell in which workers do all that the tests below look at, one after the other."""
    jobs = ["sees_last_scratch", "honest", "left_open_descriptor", "exits", "crash", "abort"]
    return sandbox.run_inside(user, layers, [*jobs, "x32", "new_call", "two_at_once"])


@levels
def test_honest_code_works(sandbox, any_user, layers):
    """Files, copies, temporary files, threads and imports work in a sealed worker."""
    found = life(sandbox, any_user, layers)
    answer = dict(found["honest"])
    uid, pid = answer.pop("uid"), answer.pop("pid")
    assert (uid >= FIRST_UID) == ("uid" in found["layers"])
    assert (pid == 1) == ("pidns" in found["layers"])
    assert answer.pop("processors") >= 1
    assert answer == {
        "files": ["a", "copy2.txt", "data.txt"],
        "random": 16,
        "temporary file inside": True,
        "home": True,
        "imported": "colorsys",
        "null": True,
    }


@levels
def test_what_is_hidden_cannot_be_read(sandbox, any_user, layers):
    """A folder and a file below a readable folder, also by a link beside them."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        (folder / "deep" / "secret").mkdir(parents=True)
        os.symlink(folder / "deep" / "secret", folder / "link")
        secret, labels = folder / "deep" / "secret" / "x", folder / "deep" / "labels"
        given = [folder / "a", folder / "deep" / "b", secret, labels, folder / "link" / "x"]
        for path in given[:4]:
            path.write_text("!")
        for path in (folder, *folder.rglob("*")):
            os.chmod(path, 0o755)
        hidden = [str(secret.parent), str(labels)]
        paths = [str(path) for path in given]
        more = {"readable": [name], "decoys": {"paths": paths}}
        shown = sandbox.run_inside(any_user, layers, ["read_around"], **more)["read_around"]
        found = sandbox.run_inside(any_user, layers, ["read_around"], hidden=hidden, **more)
    assert list(shown.values()) == ["!"] * 5
    kept = [found["read_around"][path] for path in paths]
    assert kept[:2] == ["!", "!"]
    assert not {"!"} & set(kept[2:])


@levels
def test_what_is_readable_inside_of_what_is_hidden(sandbox, any_user, layers):
    """As a Python in the folder of a course; a readable link shows nothing hidden behind it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        (folder / "course" / "python").mkdir(parents=True)
        (folder / "link").symlink_to(folder)
        given = [folder / "course" / "python" / "a", folder / "course" / "secret", folder / "b"]
        for path in given:
            path.write_text("!")
        for path in (folder, *folder.rglob("*")):
            os.chmod(path, 0o755)
        found = sandbox.run_inside(
            any_user,
            layers,
            ["read_around"],
            readable=[f"{name}/link", f"{name}/course/python"],
            hidden=[f"{name}/course"],
            decoys={"paths": [str(path) for path in given]},
        )
    python, secret, beside = found["read_around"].values()
    assert (python, beside) == ("!", "!")
    assert secret != "!"


@levels
def test_scratch_is_fresh_for_each_worker(sandbox, any_user, layers):
    """What one worker leaves, the next does not see."""
    found = life(sandbox, any_user, layers)
    assert found["sees_last_scratch"] == []
    assert "left-behind" not in found["honest"]["files"]


@levels
def test_descriptors_of_the_template_are_closed(sandbox, any_user, layers):
    """A worker holds what it was told to keep and nothing else."""
    assert life(sandbox, any_user, layers)["left_open_descriptor"] == "EBADF"


@levels
def test_ends_are_told_apart(sandbox, any_user, layers):
    """An exit code, a kill by pidfd, a crash and an abort."""
    found = life(sandbox, any_user, layers)
    assert found["exits"] == [[7, None], [None, signal.SIGKILL]]
    assert found["crash"] == {"exit": None, "signal": signal.SIGSEGV}
    # process 1 of a namespace ignores SIGABRT; the C library then ends it by a bad instruction
    assert found["abort"]["signal"] in (signal.SIGABRT, signal.SIGSEGV, signal.SIGILL)


@levels
def test_workers_beside_each_other_share_no_user(sandbox, any_user, layers):
    """As root each worker has a user of its own."""
    found = life(sandbox, any_user, layers)
    (uid1, _), (uid2, _) = found["two_at_once"]
    assert (uid1 != uid2) == ("uid" in found["layers"])


@levels
def test_foreign_and_future_calls(sandbox, any_user, layers):
    """The x32 table kills; a number that no kernel has yet looks like an older kernel."""
    found = life(sandbox, any_user, layers)
    x86 = os.uname().machine == "x86_64"
    assert found["x32"] == ({"exit": None, "signal": signal.SIGSYS} if x86 else "worked -1")
    assert found["new_call"] == "ENOSYS"


@levels
def test_no_scratch_is_left_on_disk(sandbox, layers, tmp_path):
    """Scratch folders are removed with what they hold."""
    os.chmod(tmp_path, 0o755)
    jobs = ["honest", "sees_last_scratch"]
    sandbox.run_inside(sandbox.users()[0], layers, jobs, scratch_root=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


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
def test_processor_time_is_bounded(sandbox, layers):
    """A worker that ignores SIGXCPU is killed when its processor time is used up."""
    found = sandbox.run_inside(sandbox.users()[-1], layers, ["burn"], cpu_s=1.0)
    assert found["burn"] == {"exit": None, "signal": signal.SIGKILL}


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


def start_sleeper(sandbox, user, layers) -> tuple[subprocess.Popen, int, list[int]]:
    """A template with a sleeping worker: the program that started it, the stub, the others."""
    request = {"policy": {"layers": sorted(layers)}, "jobs": ["descendants"]}
    pipe = subprocess.PIPE
    program = user.start(user.python, "-I", str(sandbox.INSIDE), stdin=pipe, stdout=pipe)
    program.stdin.write(json.dumps(request).encode() + b"\n")
    program.stdin.close()
    assert program.stdout.readline() == b"worker\n"
    found, waiting = [], children(program.pid)  # the stub
    stub = waiting[0]
    while waiting:
        below = children(waiting.pop())
        found += below
        waiting += below
    sweeper = not layers >= NAMESPACE_LAYERS
    assert len(found) == 2 + sweeper  # template and worker
    return program, stub, found


def children(pid: int) -> list[int]:
    """The processes that `pid` started."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


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
    program, stub, pids = start_sleeper(sandbox, any_user, layers)
    with program:
        os.kill(stub if victim == "stub" else pids[0], signal.SIGKILL)
        assert all_end(pids)
        assert json.loads(program.stdout.read()) == {"failed": signal.SIGKILL}


@levels
def test_nothing_outlives_the_judge(sandbox, user, layers):
    """The stub ends everything when the process that started it is killed."""
    program, stub, pids = start_sleeper(sandbox, user, layers)
    with program:
        program.kill()
        assert all_end([stub, *pids])
        assert program.stdout.read() == b""  # nobody holds the other end any more


def test_control_group_where_it_can_be_had(sandbox, user):
    """Joined and removed again, or refused with a note; never a reason to fail."""
    before = set(os.listdir("/sys/fs/cgroup")) if os.path.isdir("/sys/fs/cgroup") else set()
    found = sandbox.run_inside(user, ALL_LAYERS, ["honest"], cgroup_mb=512)
    assert found["cgroup"] or any(note.startswith("cgroup: ") for note in found["missing"])
    assert "imported" in found["honest"]
    after = set(os.listdir("/sys/fs/cgroup")) if os.path.isdir("/sys/fs/cgroup") else set()
    assert after == before


def test_a_full_disk_is_waited_for(monkeypatch):
    """A worker's folder is made once what ended workers left is removed; not for ever."""
    room = []

    def make(*_args):
        if len(room) < 2:
            raise OSError(errno.ENOSPC, "full")
        return "made"

    monkeypatch.setattr(scratch, "make_scratch", make)
    assert scratch.make_with_patience("", 1, None, lambda: room.append(1)) == "made"
    monkeypatch.setattr(scratch, "ROOM_WITHIN_S", -1.0)
    room.clear()
    with pytest.raises(OSError, match="full"):
        scratch.make_with_patience("", 1, None, lambda: room.append(1))
