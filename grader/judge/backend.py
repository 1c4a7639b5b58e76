"""Where workers come from on this machine: a template that forks, or a process for each.

Light to import, as `grader.judge.run` says; the wire (and numpy) come in with the first worker.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from grader.course.manifest import Assignment, Limits
from grader.errors import UsageError
from grader.extras import how_to_install
from grader.folders import data_folder
from grader.judge import launch
from grader.sandbox import ALL_LAYERS, Policy
from grader.submission.model import Submission

if TYPE_CHECKING:
    from grader.judge.debug import DebugBackend
    from grader.judge.run import Settings
    from grader.judge.session import ClosableWorker

SCRATCH_FILES = 2_000
OPEN_FILES = 64


@runtime_checkable
class Backend(Protocol):
    """Spawns workers; `isolation` and `gpu` are known once the sandbox has proved itself.

    `gpu` names the card and CUDA's version, where one is used.
    """

    @property
    def isolation(self) -> dict[str, Any]: ...

    @property
    def gpu(self) -> dict[str, str]: ...

    def spawn(self) -> ClosableWorker: ...

    def close(self) -> None: ...


class TemplateBackend:
    """Linux on the CPU: workers are forked from one warm, confined template."""

    def __init__(self, policy: Policy, needs: tuple[str, ...], output_limit: int) -> None:
        from grader.judge.template import Template

        self._template = Template(policy, needs, output_limit)

    @property
    def isolation(self) -> dict[str, Any]:
        isolation: dict[str, Any] = self._template.hello["isolation"]
        return isolation

    @property
    def gpu(self) -> dict[str, str]:
        return {}

    def spawn(self) -> ClosableWorker:
        return self._template.spawn()

    def close(self) -> None:
        self._template.close()


class SingleBackend:
    """macOS, Windows, and GPU submissions: a process is exec'd for each worker."""

    def __init__(self, policy: Policy, needs: tuple[str, ...], output_limit: int) -> None:
        self._policy, self._needs, self._output_limit = policy, needs, output_limit

    @property
    def isolation(self) -> dict[str, Any]:
        return dict(self._greeting()["isolation"])

    @property
    def gpu(self) -> dict[str, str]:
        return dict(self._greeting()["gpu"])

    def spawn(self) -> ClosableWorker:
        from grader.judge.single import SingleWorker

        return SingleWorker(self._policy, self._needs, self._output_limit)

    def close(self) -> None:
        pass

    def _greeting(self) -> dict[str, Any]:
        from grader.judge.single import greet

        return greet(self._policy, self._needs)


def open_backend(
    settings: Settings, submissions: Sequence[Submission] = ()
) -> Backend | DebugBackend:
    """The backend for this machine and device, started but not waited for.

    What `submissions` plot with is preloaded.
    """
    assignment = settings.assignment
    require_packages(assignment.id, assignment.needs)
    if settings.debug:
        from grader.judge.debug import DebugBackend

        return DebugBackend(assignment.needs)
    limits = assignment.limits
    if settings.reuse_workers:
        # a process' time adds up over the tests it serves; each has its own deadline besides
        limits = replace(limits, cpu_s=limits.cpu_s * len(assignment.tests))
    return confined_backend(
        limits,
        (*assignment.needs, *plotting(submissions)),
        private_paths(assignment, settings.private, settings.data_dir),
        gpu=settings.device != "cpu",
        layers=ALL_LAYERS if settings.layers is None else settings.layers,
    )


def try_gpu(assignment: Assignment) -> None:
    """Start a worker on the GPU as this homework would have it; raises GpuUnusable."""
    require_packages(assignment.id, assignment.needs)
    private = private_paths(assignment)
    backend = confined_backend(assignment.limits, assignment.needs, private, gpu=True)
    backend.gpu  # noqa: B018 - the greeting is what tells


def private_paths(
    assignment: Assignment, more: Sequence[Path] = (), data_dir: Path | None = None
) -> tuple[str, ...]:
    """What no worker of this homework may read; see `grader.judge.launch`."""
    return launch.private_paths(assignment.folder.parents[1], (*more, data_folder(data_dir)))


def require_packages(homework: str, needs: Sequence[str]) -> None:
    """UsageError where a package that a homework needs is not installed; imports nothing."""
    for package in dict.fromkeys(name.partition(".")[0] for name in needs):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"{homework} needs {package}, which is not installed.", hint=how_to_install(package)
            )


def plotting(submissions: Sequence[Submission]) -> tuple[str, ...]:
    """matplotlib where a submission plots: preloaded once, not imported anew for each test."""
    mentioned = any("matplotlib" in submission.source for submission in submissions)
    there = mentioned and importlib.util.find_spec("matplotlib") is not None
    return ("matplotlib.pyplot",) if there else ()


def default_backend() -> Backend:
    """A backend for no homework in particular: to see what this machine can do."""
    return confined_backend(Limits(), (), launch.private_paths(None))


def confined_backend(
    limits: Limits,
    needs: tuple[str, ...],
    private: tuple[str, ...],
    *,
    gpu: bool = False,
    layers: frozenset[str] = ALL_LAYERS,
) -> Backend:
    """Workers with these limits that can read Python and the system, and nothing `private`."""
    policy = Policy(
        readable=(*launch.readable_paths(private), str(launch.matplotlib_cache())),
        hidden=(*launch.hidden_paths(), *private),
        scratch_mb=limits.scratch_mb,
        scratch_files=SCRATCH_FILES,
        memory_mb=limits.memory_mb,
        cpu_s=limits.cpu_s,
        processes=limits.processes,
        max_open_files=OPEN_FILES,
        gpu=gpu,
        gpu_memory_mb=limits.gpu_memory_mb if gpu else 0,
        layers=layers,
    )
    forks = sys.platform == "linux" and not gpu
    kind = TemplateBackend if forks else SingleBackend
    return kind(policy, needs, limits.output_kb * 1024)
