"""What hostile code would like to reach, planted where a sandbox must keep it away.

A secret beside the hidden tests, a home folder, another's submission, files that must stay as they
are, a process of the same user, and sockets that nobody may connect to.
"""

from __future__ import annotations

import contextlib
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.manifest import Assignment, load_course

REPO = Path(__file__).parents[3]


@dataclass
class Decoys:
    """Decoys below `root`, beside a copy of the course; `close` removes what is not a file."""

    root: Path
    token: str = field(default_factory=lambda: f"token-{secrets.token_hex(12)}")
    # for AF_UNIX a path must be short
    short: Path = field(default_factory=lambda: Path("/tmp") / f"decoy-{secrets.token_hex(4)}")

    def __post_init__(self) -> None:
        for part in ("assignments", "reference"):
            shutil.copytree(REPO / part / "hw3", self.root / "course" / part / "hw3")
        self.assignment: Assignment = load_course(self.root / "course").assignment("hw3")
        self.hidden = self.root / "course" / "reference" / "hw3" / "tests"
        self.secret = self.hidden / "secret.txt"
        self.home = self.root / "home" / ".ssh" / "id_ed25519"
        self.other = self.root / "submissions" / "other" / "hw3.py"
        self.outside = self.root / "outside"
        self.victim = self.outside / "victim.txt"
        self.short.mkdir()
        self.sockets = {
            "tcp": socket.create_server(("127.0.0.1", 0)),
            "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "unix": socket.socket(socket.AF_UNIX),
            "abstract": socket.socket(socket.AF_UNIX),
        }
        self.sockets["udp"].bind(("127.0.0.1", 0))
        self.sockets["unix"].bind(f"{self.short}/s")
        self.sockets["abstract"].bind(f"\0{self.short}")
        for name in ("unix", "abstract"):
            self.sockets[name].listen()
        for sock in self.sockets.values():
            sock.setblocking(False)
        self.process: subprocess.Popen[bytes] | None = None
        self.restore()

    def restore(self) -> None:
        """Everything as planted, after an attack that was let through."""
        for path in (self.secret, self.home, self.other):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{self.token}\n", encoding="utf-8")
        shutil.rmtree(self.outside, ignore_errors=True)
        self.outside.mkdir()
        self.outside.chmod(0o777)
        self.victim.write_text("as it was\n", encoding="utf-8")
        self.victim.chmod(0o600)
        os.utime(self.victim, (1e9, 1e9))
        self._end_process()
        self.process = subprocess.Popen(
            ["sleep", "900"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self.visits()

    def state(self) -> dict[str, Any]:
        """What an attack would change."""
        assert self.process is not None
        pid = self.process.pid
        alive = self.process.poll() is None
        return {
            "secrets": [path.read_text() for path in (self.secret, self.home, self.other)],
            "outside": sorted(os.listdir(self.outside)),
            "hidden": sorted(os.listdir(self.hidden)),
            "victim": self.victim.read_text() if self.victim.exists() else None,
            "mode": self.victim.stat().st_mode if self.victim.exists() else None,
            "mtime": self.victim.stat().st_mtime if self.victim.exists() else None,
            "alive": alive,
            "nice": os.getpriority(os.PRIO_PROCESS, pid) if alive else None,
            "affinity": sorted(os.sched_getaffinity(pid)) if alive else None,
            "files": resource.prlimit(pid, resource.RLIMIT_NOFILE) if alive else None,
            "visits": self.visits(),
        }

    def visits(self) -> int:
        """How many connections and datagrams came since this was last asked."""
        count = 0
        for name, sock in self.sockets.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    if name == "udp":
                        sock.recv(100)
                    else:
                        sock.accept()[0].close()
                    count += 1
        return count

    def places(self) -> dict[str, str]:
        """What stands for @WORD@ in an attack."""
        assert self.process is not None
        return {
            "SECRET": str(self.secret),
            "HIDDEN": str(self.hidden),
            "KEY": str(self.hidden.parent / "quiz_key.toml"),
            "COURSE": str(self.root / "course"),
            "HOME": str(self.home),
            "OTHER": str(self.other),
            "OUTSIDE": str(self.outside),
            "VICTIM": str(self.victim),
            "PACKAGES": sysconfig.get_path("purelib"),
            "DECOY_PID": str(self.process.pid),
            "JUDGE_PID": str(os.getpid()),
            "TCP": str(self.sockets["tcp"].getsockname()[1]),
            "UDP": str(self.sockets["udp"].getsockname()[1]),
            "UNIX": f"{self.short}/s",
            "ABSTRACT": str(self.short),
            "LONG_KEY": "a." * 30_000 + "a",
        }

    def close(self) -> None:
        self._end_process()
        for sock in self.sockets.values():
            sock.close()
        shutil.rmtree(self.short)

    def _end_process(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
