"""The level is what canaries prove; a machine that forbids a layer costs that layer and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import (
    ALL_LAYERS,
    Canary,
    Decoys,
    IsolationReport,
    Policy,
    level_from,
    python_paths,
)
from grader.sandbox.policy import NAMESPACE_LAYERS

CONFINED = ALL_LAYERS - NAMESPACE_LAYERS


def report(sandbox, user, layers, **more) -> IsolationReport:
    """The report of a cell whose canaries ran."""
    with sandbox.planted(user) as decoys:
        found = sandbox.run_inside(user, layers, ["canaries"], decoys=decoys, **more)
    return IsolationReport.from_dict(found["canaries"])


def test_level_3_where_namespaces_are(sandbox, user):
    """All layers and every canary stopped; else the report says what is missing."""
    found = report(sandbox, user, ALL_LAYERS)
    expected = 3 if NAMESPACE_LAYERS - {"userns"} <= sandbox.possible_layers(user) else 2
    assert found.level == expected
    assert found.disk_quota == (expected == 3)
    assert bool(found.missing) == (expected < 3)


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6, 7])
def test_level_2_with_every_landlock(sandbox, abi):
    """Where Landlock is older, the filter covers what it lacks."""
    found = report(sandbox, sandbox.users()[-1], CONFINED, landlock_abi_cap=abi)
    assert (found.level, found.landlock_abi) == (2, abi)
    got_through = {canary.name for canary in found.canaries if not canary.stopped}
    assert got_through == {"stat", "disk"}


@pytest.mark.parametrize("abi", [1, 2])
def test_old_landlock_does_not_let_truncate(sandbox, abi):
    """Before ABI 3 Landlock does not see a file it lets read being emptied; the filter does."""
    names = ["truncate_outside", "truncate_by_reading"]
    found, user = [], sandbox.users()[-1]
    for layers in ({"landlock"}, {"landlock", "seccomp"}):
        with sandbox.planted(user) as d:
            more = {"readable": [d["folder"]], "landlock_abi_cap": abi}
            found.append(sandbox.run_inside(user, layers, names, decoys=d, **more))
    assert [found[0][name] for name in names] == ["worked", "worked"]
    assert [found[1][name] for name in names] == ["EPERM", "EPERM"]


@pytest.mark.parametrize("absent", ["landlock", "seccomp", "rlimits"])
def test_level_1_without_a_layer(sandbox, absent):
    """Without one of its three layers, level 2 is not claimed."""
    assert report(sandbox, sandbox.users()[-1], CONFINED - {absent}).level == 1


def test_level_3_without_landlock_or_user(sandbox, user):
    """Namespaces alone are level 2."""
    found = report(sandbox, user, ALL_LAYERS - {"landlock", "uid"})
    assert found.level == (2 if found.namespaces else 1)


@pytest.mark.parametrize("refused", ["unshare", "mount", "mount_setattr", "setns"])
def test_forbidden_call_costs_its_layer(sandbox, user, refused):
    """As in a container: the cell goes on without, and says so with a remedy."""
    with sandbox.planted(user) as decoys:
        found = sandbox.run_inside(
            user, ALL_LAYERS, ["canaries", "honest"], decoys=decoys, refuse=[refused]
        )
    assert found["canaries"]["level"] == 2
    assert "imported" in found["honest"]
    assert not {"mountns", "pidns"} <= set(found["layers"])
    assert any(": " in note for note in found["missing"])


@pytest.mark.parametrize("refused", ["pidfd_open", "close_range"])
def test_old_kernel_without_a_convenience(sandbox, refused):
    """The level does not depend on newer calls that only make things easier."""
    user = sandbox.users()[-1]
    with sandbox.planted(user) as decoys:
        found = sandbox.run_inside(user, ALL_LAYERS, ["canaries"], decoys=decoys, refuse=[refused])
    assert found["canaries"]["level"] == report(sandbox, user, ALL_LAYERS).level


def canary(name: str, *, stopped: bool, needed_for: int) -> Canary:
    """A canary's outcome."""
    return Canary(name=name, tried="try", stopped=stopped, by="", needed_for=needed_for)


def test_level_needs_proof():
    """No canary proves nothing; one that got through costs the levels that promise to stop it."""
    good = [canary("read", stopped=True, needed_for=2), canary("stat", stopped=True, needed_for=3)]
    assert level_from(good, ALL_LAYERS) == 3
    assert level_from([], ALL_LAYERS) == 1
    assert level_from([canary("stat", stopped=False, needed_for=3), good[0]], ALL_LAYERS) == 2
    assert level_from([canary("read", stopped=False, needed_for=2), good[1]], ALL_LAYERS) == 1


def test_decoys_know_when_they_were_touched(tmp_path):
    """The trusted side sees for itself whether a canary wrote to a decoy."""
    with Decoys.planted(str(tmp_path)) as decoys:
        assert decoys.intact()
        assert Decoys(**decoys.to_dict()) == decoys
        (Path(decoys.folder) / "more").write_text("x")
        assert not decoys.intact()
    assert list(tmp_path.iterdir()) == []


def test_policy_travels_as_plain_data():
    """A policy is the same after the way to the template."""
    policy = Policy(readable=python_paths(), layers=CONFINED, cpu_s=2.5, landlock_abi_cap=4)
    assert Policy.from_dict(policy.to_dict()) == policy


@pytest.mark.parametrize(
    "wrong", [{"layers": frozenset({"magic"})}, {"readable": ("/",)}, {"memory_mb": 0}]
)
def test_policy_refuses_nonsense(wrong):
    """A policy that cannot be meant is refused when it is made."""
    with pytest.raises(ValueError, match=r"layer|readable|positive"):
        Policy(**wrong)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_it_imports_and_is_level_1(platform, tmp_path):
    """Off Linux the package imports without its modules, and a cell is a separate process."""
    code = f"""
import os, sys
import ctypes, shutil, socket, subprocess, tempfile  # the library's own look at the true platform
sys.platform = {platform!r}
if {platform!r} == "win32":
    sys.modules["resource"] = sys.modules["fcntl"] = None
    for name in ("fork", "geteuid", "getegid", "chown", "wait4", "setsid", "sysconf"):
        delattr(os, name)
from grader.sandbox import *
with Decoys.planted() as decoys:
    cell = enter_cell(Policy(scratch_root={str(tmp_path)!r}))
    canaries = run_canaries(cell, decoys)
report = isolation_report(cell, canaries)
assert report.level == 1 and report.missing, report
cell.seal()
open("x", "w").close()
assert os.getcwd().startswith({str(tmp_path)!r})
print("sealed")
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("sealed\n", "")
