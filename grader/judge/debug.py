"""Level 0: the submission runs in this very process, so that prints show and pdb works.

For a student's own debugging with public tests; a hidden test is never run this way. Values
still cross through the codec, so that a test means the same as in the sandbox.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, TextIO

from grader.errors import CourseError
from grader.judge.outcomes import Fault, LoadFault, StudentFault
from grader.judge.proxy import Remote, Student
from grader.judge.references import References
from grader.judge.session import CellFault, load_request, read_load_answer
from grader.submission.model import Submission
from grader.wire import codec
from grader.wire.channel import Deadline
from grader.wire.codec import Hooks, NotPlain
from grader.worker.actions import Actions
from grader.worker.faults import describe_exception
from grader.worker.preload import preload

Terminal = tuple[TextIO, TextIO]


class DebugConversation:
    """As grader.judge.conversation.Conversation, but a function call away."""

    def __init__(self, terminal: Terminal) -> None:
        self.output = ""
        self.called: str | None = None
        self.answered = False
        self.put_off_s = 0.0
        self.deadline: Deadline | None = None  # there is none: someone may be debugging
        self._terminal = terminal
        self._references = References(lambda number, kind: Remote(self, number, kind, "the result"))
        self._actions = Actions(self._call_back)

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        if called is not None and kind in ("call", "call_keeping", "run", "operate"):
            self.called = called
        to_judge, to_worker = self._references.hooks, self._actions.objects.hooks
        try:
            received = _cross(payload, to_judge, to_worker)
        except NotPlain as err:
            raise CourseError(f"A test sent what cannot travel: {err}") from err
        self.answered = kind != "load"
        try:
            with self._at_the_terminal():
                value = self._actions.perform(kind, received)
            return _cross(value, to_worker, to_judge)
        except KeyboardInterrupt:
            raise
        except BaseException as err:
            if type(err).__name__ == "BdbQuit":
                raise KeyboardInterrupt from err
            raise StudentFault(Fault.from_wire(describe_exception(err))) from err

    def processor_s(self) -> float:
        """What this process has used of the processor, the submission in it."""
        return time.process_time()

    def _call_back(self, number: int, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self._references.function(number)(*args, **kwargs)

    @contextlib.contextmanager
    def _at_the_terminal(self) -> Iterator[None]:
        with (
            contextlib.redirect_stdout(self._terminal[0]),
            contextlib.redirect_stderr(self._terminal[1]),
        ):
            yield


def _cross(value: Any, sender: Hooks, receiver: Hooks) -> Any:
    header, buffers = codec.encode(value, sender)
    body = bytearray()
    for buffer in buffers:
        body += bytes(buffer) + bytes(-len(buffer) % codec.ALIGNMENT)
    return codec.decode(header, memoryview(body), receiver)


class DebugSession:
    """As grader.judge.session.Session, with the submission loaded anew for each test."""

    def __init__(self, submission: Submission, module: str, seed: int, terminal: Terminal) -> None:
        self._request = load_request(submission, module, seed)
        self._module = module
        self._terminal = terminal
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-debug-")
        self._home = os.getcwd()
        self.conversation: DebugConversation | None = None
        self.load_failure: Exception | None = None
        self.reused = False
        self.cell_faults: tuple[CellFault, ...] = ()
        self.started_s = time.monotonic()

    def begin(self) -> Student:
        os.chdir(self._scratch.name)
        self.conversation = DebugConversation(self._terminal)
        loaded = read_load_answer(self.conversation.ask("load", [self._request]))
        if loaded.faults and not self._request["notebook"]:
            self.load_failure = LoadFault(loaded.faults[0].fault)
            raise self.load_failure
        self.cell_faults = loaded.faults
        return Student(self.conversation, loaded.functions)

    def end(self) -> None:
        self.conversation = None
        os.chdir(self._home)
        sys.modules.pop(self._module, None)
        sys.path[:] = [path for path in sys.path if path != self._scratch.name]

    def forget(self) -> None:
        self.conversation = None

    def discard(self) -> None:
        pass

    def close(self) -> None:
        self.end()
        self._scratch.cleanup()


class DebugBackend:
    """No process, no sandbox: level 0."""

    def __init__(self, needs: tuple[str, ...]) -> None:
        self.terminal: Terminal = (sys.stdout, sys.stderr)  # before pytest takes them
        preload(list(needs))

    @property
    def isolation(self) -> dict[str, Any]:
        return {"level": 0, "canaries": {}, "missing": ["--debug runs in the grader's own process"]}

    @property
    def gpu(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass
