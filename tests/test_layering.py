"""Imports point one way, from commands down to leaves, and the light modules stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "grader"

# each layer may import itself and what stands below it
LAYERS = [
    {"cli"},
    {"render", "export"},
    {"audit", "templates"},
    {"batch", "release"},
    {"github"},
    {"sealed", "package"},
    {"gradebook", "discover"},
    {"judge"},
    {"report", "testing", "data"},
    {"worker"},
    {"sandbox", "wire"},
    {"submission", "course"},
    {"text"},
    {"errors", "extras", "folders", "suggest"},
]


def rank(name: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if name in layer)


def layer_of(path: Path) -> str | None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return None if parts[0] in ("__init__", "__main__") else parts[0]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("grader."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "grader":
            names |= {alias.name for alias in node.names if (PACKAGE / alias.name).is_dir()}
        elif isinstance(node, ast.Import):
            names |= {
                alias.name.split(".")[1] for alias in node.names if alias.name.startswith("grader.")
            }
    return names


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    layer = layer_of(path)
    if layer is None:
        return
    for name in imported(path):
        assert name == layer or rank(name) > rank(layer), f"{path} imports grader.{name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_command_line_prints(path: Path) -> None:
    if layer_of(path) in ("cli", None):
        return
    calls = [
        n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)
    ]
    assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_hold_one_idea(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_the_help_needs_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from grader.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'torch', 'pytest', 'nbformat', 'jsonschema'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
