"""Commands shown in the documents are run: `$ ` lines of ```console blocks, in order.

One that ends with & stays in the background until the document is through. There are no commands
in other blocks; those within the text are looked up, not run.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from grader.cli import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
FENCE = re.compile(r"^```(\w*)$", re.M)
INLINE = re.compile(r"`(grader [^`]+)`")

# what a document's commands find in the folder that they are run in
LINKED = (
    *("examples", "Makefile", "pyproject.toml", "constraints.txt", "assignments", "reference"),
    *("benchmarks", "tests"),
)
# submissions that lack points: one of the examples, and a starter as it is handed out
WRONG = re.compile(r"\bgrader check hw3 (examples/hw3_partly_wrong|hw3/hw3\.py)(?= |$)")
DASK_PORT = "8786"


def commands(path: Path) -> list[str]:
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def expected_code(command: str) -> int:
    """1 where a wrong submission is checked, 0 for all else."""
    return int(bool(WRONG.search(command)) and "--exit-zero" not in command)


@contextlib.contextmanager
def background(folder: Path, environment: dict[str, str]) -> Iterator[Callable[[str], None]]:
    """A function that starts a command; at the end each is ended with all that it started."""
    running: list[subprocess.Popen[bytes]] = []

    def start(command: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        shell = ["bash", "-c", f"exec {command}"]
        running.append(
            subprocess.Popen(shell, cwd=folder, env=environment, start_new_session=True, **quiet)
        )

    try:
        yield start
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_every_command_of_a_document_runs(path: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        **{f"GIT_{who}_NAME": "An instructor" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "i@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    activate = tmp_path / ".venv" / "bin" / "activate"  # `make demo` makes it
    activate.parent.mkdir(parents=True)
    activate.touch()
    port = free_port()
    with background(tmp_path, environment) as start:
        for command in commands(path):
            # what sets a machine up is shown to be well formed; CI runs it for real
            real = re.sub(r"^make ", "make -n ", command).replace(DASK_PORT, port)
            if real.endswith(" &"):
                start(real.removesuffix(" &"))
                continue
            result = subprocess.run(
                ["bash", "-c", real], cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            said = f"{command}\n{result.stdout}{result.stderr}"
            assert result.returncode == expected_code(command), said
            assert "Traceback" not in result.stderr, said


def test_what_a_wrong_submission_is() -> None:
    assert expected_code("grader check hw3 examples/hw3_partly_wrong --json r.json") == 1
    assert expected_code("KEY=x grader check hw3 hw3/hw3.py") == 1
    assert expected_code("grader check hw3 examples/hw3_partly_wrong --exit-zero") == 0
    assert expected_code("grader audit hw3 --quick") == 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_commands_stand_in_blocks_that_are_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(FENCE.findall(text)) <= {"console", "python", "toml", "text", ""}
    assert not re.search(r"^    (grader|python|make|dask|git) ", text, re.M)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_commands_named_in_the_text_are_there(path: Path) -> None:
    """Those with a placeholder, or for another machine: their names and options are looked up."""
    prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for named in INLINE.findall(prose):
        command: click.Command = cli
        for word in named.split()[1:]:
            option = re.match(r"--?[a-z][a-z-]*", word)
            if option is not None:
                known = {
                    "--help",
                    *(o for p in command.params for o in (*p.opts, *p.secondary_opts)),
                }
                assert option[0] in known, named
            elif isinstance(command, click.Group):
                inner = command.get_command(click.Context(command), word)
                assert inner is not None, named
                command = inner


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_command_reference_is_what_the_commands_say() -> None:
    # in a process of its own: click keeps what a command was called with first
    made = "import runpy; print(runpy.run_path('docs/make_commands.py')['reference'](), end='')"
    result = subprocess.run(
        [sys.executable, "-c", made], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert kept == result.stdout, "run python docs/make_commands.py"
