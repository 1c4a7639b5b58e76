"""What goes wrong while a cell is set up: always ours, never the student's."""

from __future__ import annotations

from grader.errors import InternalError


class SandboxError(InternalError):
    """A step of the set-up failed; the message names the step, the hint says the remedy."""


class StepError(Exception):
    """A layer could not be applied; whoever catches it goes on without the layer, or gives up."""

    def __init__(self, layer: str, step: str, error: OSError | str) -> None:
        self.layer = layer
        self.step = step
        self.reason = error if isinstance(error, str) else (error.strerror or str(error))
        super().__init__(f"{step}: {self.reason}")
