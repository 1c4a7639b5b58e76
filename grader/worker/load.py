"""Runs a submission's cells in a fresh module, once per worker.

A cell of a notebook that fails is reported and the next one runs; a file's failure is final.
"""

from __future__ import annotations

import builtins
import linecache
import os
import sys
import types
from typing import Any

from grader.worker.faults import cell_filename, describe_exception


def load_module(
    request: dict[str, Any], compiled: dict[int, types.CodeType]
) -> tuple[types.ModuleType, list[dict[str, Any]]]:
    """The student's module, and a fault with its `cell` for each cell that failed.

    `request`: `module` its name, `file` that of the file it is in, `cells` [[number, source], ...],
    `files` {name: bytes} written to the scratch folder first, `notebook` whether cells fail one by
    one. `compiled` holds the code of cells by number; what it lacks is compiled and put in.
    """
    _write_files(request["files"])
    module = types.ModuleType(request["module"])
    module.__file__ = os.path.join(os.getcwd(), request["module"] + ".py")
    module.__dict__["__builtins__"] = builtins
    sys.modules[request["module"]] = module
    if request["notebook"]:
        module.__dict__["get_ipython"] = lambda: None
        module.__dict__["display"] = print
    faults = []
    for number, source in request["cells"]:
        # inspect.getsource and tracebacks of a student's own find their lines here
        filename = cell_filename(request["file"], number)
        if filename not in linecache.cache:
            linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        try:
            if number not in compiled:
                compiled[number] = compile(source, filename, "exec", dont_inherit=True)
            exec(compiled[number], module.__dict__)
        except BaseException as err:
            faults.append({**describe_exception(err), "cell": number})
            if not request["notebook"]:
                break
    return module, faults


def _write_files(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        folder = os.path.dirname(name)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content)
    # at the end: a numpy.py of the submission must not stand in for numpy
    sys.path.append(os.getcwd())
