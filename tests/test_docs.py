"""Commands shown in the documents are run: `$ ` lines of ```console blocks, in order."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.M | re.S)

# what a document's commands find in the folder that they are run in
LINKED = ("examples", "Makefile", "pyproject.toml", "constraints.txt", "assignments", "reference")


def commands(path: Path) -> list[str]:
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_every_command_of_a_document_runs(path: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
    }
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    for command in commands(path):
        # what sets a machine up is shown to be well formed; CI runs it for real
        real = re.sub(r"^make ", "make -n ", command)
        result = subprocess.run(
            ["bash", "-c", real], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        said = f"{command}\n{result.stdout}{result.stderr}"
        assert result.returncode in (0, 1), said  # 1: points are missing
        assert "Traceback" not in result.stderr, said


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_command_reference_is_what_the_commands_say() -> None:
    spec = importlib.util.spec_from_file_location("make_commands", ROOT / "docs/make_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert kept == module.reference(), "run python docs/make_commands.py"
