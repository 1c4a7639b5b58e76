"""Confines the process that runs a student's code, and proves how well it did.

    cell = enter_cell(policy)                # once, in a fresh single-threaded template process
    pid = cell.fork_worker()                 # 0 in the worker, as os.fork()
    cell.seal(keep_fds=(channel,))           # in the worker, before any student code
    ending = cell.wait_worker(pid)           # in the template

Linux layers by ctypes, no dependency. Elsewhere a cell is a separate process and no more.
Nothing here knows of tests, scores or the wire; nothing here prints.
"""

from grader.sandbox.canary import Canary, Decoys, level_from, run_canaries
from grader.sandbox.cell import Cell, WorkerEnd, enter_cell
from grader.sandbox.errors import SandboxError
from grader.sandbox.policy import ALL_LAYERS, Policy, python_paths
from grader.sandbox.report import IsolationReport, isolation_report

__all__ = [
    "ALL_LAYERS",
    "Canary",
    "Cell",
    "Decoys",
    "IsolationReport",
    "Policy",
    "SandboxError",
    "WorkerEnd",
    "enter_cell",
    "isolation_report",
    "level_from",
    "python_paths",
    "run_canaries",
]
