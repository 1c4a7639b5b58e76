"""How a worker or a template process is exec'd: a clean environment and nothing on sys.path.

The only place that starts processes for student code.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.folders import cache_folder
from grader.sandbox.policy import SYSTEM_PATHS

MATPLOTLIB_CACHE = "MPLCONFIGDIR"
DIGITS = "digits.csv.gz"


def environment(gpu: bool = False) -> dict[str, str]:
    """The whole environment of a process that will hold student code; nothing is inherited.

    One thread a process: the template must be single-threaded to be forked, and two workers on
    two cores gain nothing from more. Two malloc arenas, since each reserves address space.
    """
    clean = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "worker",  # a worker's number has no name, and torch asks for one
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "MPLBACKEND": "Agg",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        MATPLOTLIB_CACHE: str(matplotlib_cache()),
    }
    if sys.platform == "win32":
        clean |= {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
    if gpu:
        for name in ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"):
            if name in os.environ:
                clean[name] = os.environ[name]
    return clean


def matplotlib_cache() -> Path:
    """A folder for matplotlib's font cache: written by the template, read by workers."""
    return cache_folder() / "matplotlib"


def start(
    statement: str, *, gpu: bool = False, pass_fds: Sequence[int] = (), cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Run `statement` in a fresh isolated Python that sees the same packages as this one."""
    extra = [path for path in sys.path if path and os.path.isdir(path)]
    code = f"import sys\nsys.path.extend(p for p in {extra!r} if p not in sys.path)\n{statement}"
    return subprocess.Popen(
        [sys.executable, "-I", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if not os.environ.get("GRADER_TRACE") else None,
        env=environment(gpu),
        cwd=cwd or tempfile.gettempdir(),
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )


def readable_paths(private: Sequence[str] = ()) -> tuple[str, ...]:
    """What a worker may read: Python and its packages, never a course or a checkout.

    A folder of sys.path that holds something `private` (as an editable install's does) is left
    out: the grader's own modules are imported before the sandbox closes.
    """
    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]
    found: list[str] = []
    for text in wanted:
        path = Path(text).resolve() if text else None
        if path is None or not path.is_dir() or len(path.parts) < 2:
            continue
        if any(Path(secret).is_relative_to(path) for secret in private):
            continue
        if str(path) not in found:
            found.append(str(path))
    return tuple(found)


def private_paths(course: Path | None, more: Sequence[Path] = ()) -> tuple[str, ...]:
    """What is for no submission, wherever it lies: the course, this folder, and `more`.

    `more` are further folders and files: submissions, the gradebook, fetched data with the labels
    of their test parts. Of a course in a folder that holds the system too, its own parts.
    """
    wanted = [path.resolve() if path.is_dir() else path.resolve().parent for path in more]
    here = Path.cwd().resolve()
    if not any(here.is_relative_to(folder) for folder in _package_folders()):
        wanted.append(here)
    if course is not None:
        root = course.resolve()
        parts = [root / name for name in ("assignments", "reference", "course.toml")]
        wanted += parts if _holds_the_system(root) else [root]
    found = [str(path) for path in wanted if path.exists() and not _holds_the_system(path)]
    return tuple(dict.fromkeys(found))


def _package_folders() -> list[Path]:
    """Where Python's own modules and the installed packages lie, which every worker reads."""
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return [Path(path).resolve() for path in (os.path.dirname(os.__file__), *installed)]


def _holds_the_system(path: Path) -> bool:
    return any(Path(system).resolve().is_relative_to(path) for system in SYSTEM_PATHS)


def hidden_paths() -> tuple[str, ...]:
    """What lies below `readable_paths` and would help a submission: the grader and its data.

    The package holds data sets with the labels of their test parts, and a whole course as an
    example; scikit-learn holds the digits once more.
    """
    found = [Path(__file__).resolve().parents[1]]
    sklearn = importlib.util.find_spec("sklearn")
    if sklearn is not None and sklearn.origin is not None:
        found.append(Path(sklearn.origin).resolve().parent / "datasets" / "data" / DIGITS)
    return tuple(str(path) for path in found if path.exists())
