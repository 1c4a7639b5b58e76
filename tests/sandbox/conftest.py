"""Cells for tests: each runs in a program of its own, as root and as an ordinary user.

What this machine refuses to a user is found by trying once; tests of a layer are made for the
users who can have it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

INSIDE = Path(__file__).with_name("inside.py")
ORDINARY_UID = 54321  # nobody's
SERVERS: list[subprocess.Popen] = []


@dataclass(frozen=True)
class User:
    """Who runs a cell, with a Python that this user can execute."""

    name: str
    uid: int
    python: str

    def start(self, *command: str, **options) -> subprocess.Popen:
        """Starts a program as this user with a clean environment."""
        if self.uid != os.geteuid():
            options |= {"user": self.uid, "group": self.uid, "extra_groups": []}
        single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        return subprocess.Popen(command, env={"PATH": "/usr/bin:/bin", **single}, **options)


@functools.cache
def users() -> tuple[User, ...]:
    """Root, if this is root, and an ordinary user."""
    if os.geteuid() != 0:
        return (User("ordinary", os.geteuid(), sys.executable),)
    found = [User("root", 0, sys.executable)]
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        user = User("ordinary", ORDINARY_UID, python)
        version = "import sys; assert sys.version_info >= (3, 11)"
        with contextlib.suppress(OSError):
            code = f"{version}; open({str(INSIDE)!r})"
            if user.start(python, "-I", "-c", code, stderr=subprocess.DEVNULL).wait() == 0:
                return (*found, user)
    return tuple(found)


def run_inside(user: User, layers, jobs, *, decoys=None, refuse=(), **policy) -> dict:
    """The answers of `jobs`, each in a worker of one new cell that has `layers`."""
    plain = {"layers": sorted(layers), "memory_mb": 256, "scratch_mb": 4, "scratch_files": 64}
    request = {"policy": plain | policy, "jobs": jobs, "refuse": list(refuse)}
    request["decoys"] = decoys or {}
    program = server(user)
    program.stdin.write(json.dumps(request) + "\n")
    program.stdin.flush()
    found = json.loads(program.stdout.readline())
    assert "failed" not in found
    return found


@functools.cache
def server(user: User) -> subprocess.Popen:
    """The program that makes this user's cells, started once."""
    pipe = subprocess.PIPE
    program = user.start(user.python, "-I", str(INSIDE), stdin=pipe, stdout=pipe, text=True)
    SERVERS.append(program)
    return program


@pytest.fixture(scope="session", autouse=True)
def _servers_end() -> Iterator[None]:
    yield
    for program in SERVERS:
        program.communicate()


@functools.cache
def possible_layers(user: User) -> frozenset[str]:
    """What a cell of this user gets on this machine."""
    from grader.sandbox import ALL_LAYERS

    return frozenset(run_inside(user, ALL_LAYERS, [])["layers"])


@contextlib.contextmanager
def planted(user: User) -> Iterator[dict]:
    """Decoys that belong to `user`, so that without a sandbox every attack on them works."""
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="decoy-", dir="/tmp")
        stack.callback(shutil.rmtree, folder)
        path = f"{folder}/decoy.txt"
        Path(path).write_text("a hidden test")
        os.chmod(path, 0o600)
        unix, abstract = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        unix.bind(f"{folder}/s")
        abstract.bind(f"\0{folder}/s")
        for sock in (unix, abstract):
            sock.listen(50)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
        for name in (folder, path, f"{folder}/s"):
            os.chown(name, user.uid, user.uid)
        pids = []
        for _ in range(2):
            process = user.start("sleep", "60")
            stack.callback(process.wait)
            stack.callback(process.kill)
            pids.append(process.pid)
        yield {
            "file": path,
            "folder": folder,
            "socket": f"{folder}/s",
            "port": tcp.getsockname()[1],
            "pid": pids[0],
            "victim": pids[1],
        }


@functools.cache
def attack(user: User, layers: frozenset[str], names: tuple[str, ...], **policy) -> dict:
    """Each attack's outcome in cells that have `layers`; "worked" if it was not stopped."""
    with planted(user) as decoys:
        return run_inside(user, layers, list(names), decoys=decoys, **policy)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `user` runs as each user; one that takes `any_user` in a third way too.

    Root's own Python may lie in a closed folder, and then root stays root where it cannot have a
    new root folder: the third way is root with a Python that everyone can read.
    """
    found = list(users())
    if "any_user" in metafunc.fixturenames and found[0].python != found[-1].python:
        found.append(User("root-open", 0, found[-1].python))
    for name in {"user", "any_user"} & set(metafunc.fixturenames):
        metafunc.parametrize(name, found, ids=lambda user: user.name)


@pytest.fixture
def sandbox():
    """The helpers of this file."""
    return sys.modules[__name__]
