"""Each attack works without the sandbox, and is stopped by every layer that claims to stop it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.sandbox import ALL_LAYERS

# Attack to the layers each of which stops it alone. All of them together stop every attack.
STOPPED_BY = {
    "read_outside": ("mountns", "landlock", "uid"),
    "list_outside": ("mountns", "landlock"),
    "stat_outside": ("mountns",),
    "read_through_symlink": ("mountns", "landlock", "uid"),
    "hardlink_outside": ("mountns", "landlock", "uid"),
    "write_outside": ("mountns", "landlock", "uid"),
    "truncate_outside": ("mountns", "landlock", "uid"),
    "truncate_by_reading": ("mountns", "landlock", "uid"),
    "chmod_outside": ("mountns", "seccomp", "uid"),
    "utime_outside": ("mountns", "seccomp", "uid"),
    "tcp": ("netns", "landlock", "seccomp"),
    "tcp_listen": ("landlock", "seccomp"),
    "udp": ("seccomp",),
    "unix_path": ("mountns", "seccomp"),
    "unix_abstract": ("netns", "landlock", "seccomp"),
    "signal_other": ("pidns", "landlock", "seccomp", "uid"),
    "signal_by_setsig": ("pidns", "landlock", "seccomp", "uid"),
    "limits_of_other": ("pidns", "seccomp", "uid"),
    "priority_of_other": ("pidns", "seccomp", "uid"),
    "affinity_of_other": ("pidns", "seccomp", "uid"),
    "ptrace": ("pidns", "landlock", "seccomp", "uid"),
    "memory_of_other": ("pidns", "landlock", "seccomp", "uid"),
    "environment_of_other": ("mountns", "landlock", "uid"),
    "fork": ("seccomp",),
    "clone_flags": ("seccomp",),
    "execute": ("seccomp",),
    "user_namespace": ("seccomp",),
    "kernel_surface": ("seccomp",),
    "terminal_input": ("seccomp",),
    "socket_owner": ("seccomp",),
    "stubborn_prctl": ("seccomp",),
    "memory": ("rlimits",),
    "shared_memory": ("rlimits",),
    "one_big_file": ("rlimits",),
    "many_descriptors": ("rlimits",),
    "many_files": ("mountns",),
    "many_inodes": ("mountns",),
    "many_threads": (),
}
ONLY_ROOT = {"become_root": ("uid", "seccomp"), "chroot": ("uid", "caps", "seccomp")}


NAMESPACES = ("mountns", "netns", "pidns")


def outcomes(sandbox, user, layer: str) -> dict[str, str]:
    """Every attack that concerns `layer` ("none", "all" or a name), each in one cell's worker."""
    table = STOPPED_BY | (ONLY_ROOT if user.name == "root" else {})
    if layer in ("none", "all"):
        names, layers = tuple(table), ALL_LAYERS if layer == "all" else frozenset()
    else:
        names = tuple(name for name, stoppers in table.items() if layer in stoppers)
        # an ordinary user's namespaces need a user namespace around them
        around = {"userns"} if layer in NAMESPACES and user.name == "ordinary" else set()
        layers = frozenset({layer} | around)
    if layer == "uid":  # a Python that another user can read
        user = replace(user, python=sandbox.users()[-1].python)
    return sandbox.attack(user, layers, names)


def stoppers(sandbox, user, attack: str) -> list[str]:
    """The layers that claim to stop `attack` and that this user can have on this machine."""
    possible = sandbox.possible_layers(user)
    if user.name == "ordinary":
        possible -= {"uid"}
    return [name for name in (STOPPED_BY | ONLY_ROOT)[attack] if name in possible]


@pytest.mark.parametrize("attack", sorted(STOPPED_BY))
def test_attack_works_without_the_sandbox(sandbox, user, attack):
    """If it did not, the tests below would prove nothing."""
    assert outcomes(sandbox, user, "none")[attack] == "worked"


@pytest.mark.parametrize("attack", sorted(STOPPED_BY))
def test_attack_is_stopped_by_each_layer_alone(sandbox, user, attack):
    """A layer's claim holds without help from another."""
    found = {
        name: outcomes(sandbox, user, name)[attack] for name in stoppers(sandbox, user, attack)
    }
    assert "worked" not in found.values(), found


@pytest.mark.parametrize("attack", sorted(STOPPED_BY))
def test_attack_is_stopped_by_all_layers(sandbox, user, attack):
    """What a student's code meets."""
    assert outcomes(sandbox, user, "all")[attack] != "worked"


@pytest.mark.parametrize("attack", sorted(ONLY_ROOT))
def test_what_only_root_may_do_is_stopped(sandbox, user, attack):
    """Works for root without the sandbox; nobody can do it inside."""
    if user.name == "root":
        assert outcomes(sandbox, user, "none")[attack] == "worked"
        found = {n: outcomes(sandbox, user, n)[attack] for n in stoppers(sandbox, user, attack)}
        assert "worked" not in found.values(), found
    assert sandbox.run_inside(user, ALL_LAYERS, [attack])[attack] != "worked"
