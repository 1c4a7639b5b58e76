"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_S = 60.0


def find_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: on the PATH, or the newest of Debian's."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3])
    )
    return installed[-1].parent if installed else None


def missing() -> str | None:
    """Why there can be no server here, or None."""
    if os.name != "posix":
        return "the tests' PostgreSQL server is reached by a Unix socket"
    if find_binaries() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or _owner() is None):
        return "PostgreSQL does not run as root, and there is no setpriv or no other user"
    return None


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run a server; gives the folder of its socket. It ends with the block, or with us."""
    binaries = find_binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="grader-pg-", dir="/tmp"))  # a socket's path is short
    as_owner: list[str] = []
    if os.geteuid() == 0:
        owner = _owner()
        assert owner is not None
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_owner = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
        as_owner += ["--clear-groups", "--pdeathsig=QUIT"]
    data = folder / "data"
    make = [binaries / "initdb", "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8"]
    make += ["--locale=C", "--no-sync"]
    run = [binaries / "postgres", "-D", data, "-k", folder, "-h", "", "-F"]
    run += ["-c", "max_connections=30", "-c", "shared_buffers=16MB"]
    process = None
    try:
        subprocess.run([*as_owner, *make], cwd="/", check=True, capture_output=True)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*as_owner, *run], cwd="/", stdout=log, stderr=log)
        _wait_until_ready(folder, process)
        yield str(folder)
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def make_place(folder: str) -> str:
    """The URL of an empty place in the server: a schema of its own, quicker than a database."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"host={folder} user=grader dbname=postgres", autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {name}".encode())
    return f"postgresql://grader@/postgres?host={folder}&options=-csearch_path%3D{name}"


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(f"host={folder} user=grader dbname=postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text(errors="replace")) from None
            time.sleep(0.05)


def _owner() -> Any:
    """The user that a server started by root runs as: its uid and gid, or None."""
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None
