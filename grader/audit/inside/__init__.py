"""Code whose text an audit appends to a solution, to be run in the worker; never imported."""

from __future__ import annotations

from importlib import resources
from typing import Any


def with_code(solution: str, file: str, function: str, *args: Any) -> str:
    """`solution`, and below it a call of `function(names of the solution, *args)` from `file`.

    The code of `file` has names of its own. The arguments are plain values.
    """
    code = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    values = ", ".join(["globals()", *map(repr, args)])
    return (
        f"{solution.rstrip()}\n\n\n"
        f"_audit = {{'__name__': 'audit'}}\n"
        f"exec(compile({code!r}, '<audit>', 'exec', dont_inherit=True), _audit)\n"
        f"_audit[{function!r}]({values})\n"
    )
