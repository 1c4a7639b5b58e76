"""Runs jobs in cells, as a program: a line {policy, decoys, jobs} in, a line of answers out.

Usable by any Python that can read the repository, so that tests can run it as another user.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import attacks  # noqa: E402
import jobs  # noqa: E402

from grader.sandbox import Policy, SandboxError, enter_cell, python_paths  # noqa: E402


def run_attack(name: str, given: dict) -> str:
    """ "worked", or by what it was stopped."""
    try:
        getattr(attacks, name)(given)
    except attacks.Stopped as err:
        return f"no effect {err}".strip()
    except (OSError, MemoryError) as err:
        return errno.errorcode.get(getattr(err, "errno", 0) or 0, type(err).__name__)
    return "worked"


def in_worker(cell, name: str, given: dict) -> object:
    """Runs an attack, or a job of jobs.py, in a fresh sealed worker; its answer or its end."""
    reader, writer = os.pipe()
    pid = cell.fork_worker()
    if pid == 0:
        try:
            cell.seal(keep_fds=(writer, 2))
            job = getattr(jobs, name, None)
            answer = job(given) if job else run_attack(name, given)
        except SandboxError as err:
            answer = f"SandboxError: {err}"
        except BaseException as err:
            answer = f"{type(err).__name__}: {err}"
        os.write(writer, json.dumps(answer).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read()
    end = cell.wait_worker(pid)
    return json.loads(said) if said else {"exit": end.exit_code, "signal": end.signal}


def answer(request: dict) -> None:
    """Enters a cell, runs the request's jobs in workers of it, and prints what became of them."""
    for name in request.get("refuse", []):
        jobs.refuse_call(name)
    plain = request["policy"]
    readable = (*python_paths(), str(Path(__file__).parent), *plain.get("readable", ()))
    layers = frozenset(plain["layers"])
    policy = Policy(**plain | {"readable": readable, "layers": layers})
    given = request.get("decoys", {})
    given |= {"memory_mb": policy.memory_mb, "scratch_mb": policy.scratch_mb}
    given |= {"scratch_files": policy.scratch_files, "fd": os.open(__file__, os.O_RDONLY)}
    cell = enter_cell(policy)
    found = {"layers": sorted(cell.layers), "abi": cell.landlock_abi, "missing": cell.missing}
    found["cgroup"] = cell.cgroup
    for name in request.get("jobs", []):
        if name in jobs.IN_TEMPLATE:
            found[name] = jobs.IN_TEMPLATE[name](cell, given)
        else:
            found[name] = in_worker(cell, name, given)
    cell.close()
    print(json.dumps(found), flush=True)


def main() -> None:
    """Answers each line of stdin in a process of its own, forked from this one."""
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                answer(json.loads(line))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.wait()
        if status:
            print(json.dumps({"failed": status}), flush=True)


if __name__ == "__main__":
    main()
