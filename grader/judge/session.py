"""One submission being graded: a fresh worker for each test, prepared while the last one runs.

A submission that cannot be loaded is tried once; the tests after that are not run.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from grader.course.manifest import Limits
from grader.judge.conversation import Conversation, Worker
from grader.judge.outcomes import (
    Fault,
    LoadFault,
    StudentFault,
    WorkerBroken,
    WorkerCrashed,
    WorkerTimeout,
)
from grader.judge.proxy import Student
from grader.submission.model import Submission
from grader.text import safe_text
from grader.wire.channel import ChannelClosed, Deadline, DeadlineExceeded
from grader.wire.codec import ProtocolError
from grader.worker.objects import MAX_NAMES

POST_TIMEOUT_S = 20.0
_ENDINGS = (WorkerTimeout, WorkerCrashed)
MAX_COMPILED = 4 << 20  # bytes
# A worker that serves several tests has this long to load the submission again, beside so many
# times what it took at first; else a fresh one does it.
RELOAD_S, RELOAD_TIMES = 1.0, 4.0
MAX_CELL_FAULTS = 500


class ClosableWorker(Worker, Protocol):
    def close(self) -> None: ...


class Talk(Protocol):
    """What is told of a test's conversation while the test runs."""

    output: str
    called: str | None
    answered: bool
    deadline: Deadline | None
    put_off_s: float


class Sessions(Protocol):
    """What the plugin needs of a session, in the sandbox or out of it."""

    load_failure: Exception | None
    cell_faults: tuple[CellFault, ...]
    reused: bool

    def discard(self) -> None: ...

    def forget(self) -> None: ...

    @property
    def conversation(self) -> Talk | None: ...

    def begin(self) -> Student: ...

    def end(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class CellFault:
    """A notebook cell that failed while the submission was loaded."""

    cell: int
    fault: Fault


class Session:
    """Gives each test its own conversation; `close` ends the workers that are left.

    With `reuse` a worker that has come through a test unharmed loads the submission anew for the
    next one, which costs a tenth of a fork; the judge repeats in a fresh worker what fails then.
    """

    def __init__(
        self,
        spawn: Callable[[], ClosableWorker],
        submission: Submission,
        module: str,
        limits: Limits,
        seed: int,
        *,
        prepare_ahead: bool = True,
        reuse: bool = False,
    ) -> None:
        self._spawn = spawn
        self._request = load_request(submission, module, seed, min(limits.wall_s, limits.cpu_s))
        self._notebook = submission.kind == "ipynb"
        self._limits = limits
        self._prepare_ahead = prepare_ahead and not reuse
        self._reuse = reuse
        self._kept: tuple[Conversation, ClosableWorker] | None = None
        self.reused = False
        self._next: tuple[Conversation, ClosableWorker] | None = None
        self._current: ClosableWorker | None = None
        self.conversation: Conversation | None = None
        self.load_failure: Exception | None = None
        self.cell_faults: tuple[CellFault, ...] = ()
        self._loaded = False
        self._load_s = 0.0

    def begin(self) -> Student:
        """A worker with the submission loaded and its clock started."""
        kept, self._kept = self._kept, None
        student = None if kept is None else self._begin_again(*kept)
        self.reused = student is not None
        return student or self._begin_fresh()

    def _begin_again(self, past: Conversation, worker: ClosableWorker) -> Student | None:
        """The next test in the same worker; None, and the worker ended, where that fails."""
        conversation = Conversation(worker, self._limits.output_kb * 1024, after=past)
        conversation.begin(self._limits.wall_s)
        whole = conversation.deadline
        within_s = min(self._limits.wall_s, RELOAD_S + RELOAD_TIMES * self._load_s)
        conversation.deadline = Deadline.after(within_s)
        try:
            conversation.post("reload", [])
            loaded = read_load_answer(conversation.settle())
            if loaded.faults == self.cell_faults:
                self._current, self.conversation = worker, conversation
                conversation.deadline = whole
                return Student(conversation, loaded.functions)
        except (WorkerTimeout, DeadlineExceeded):
            self._reuse = False  # it would take as long again before each test
        except (WorkerCrashed, ChannelClosed, StudentFault):
            pass
        worker.close()
        return None

    def _begin_fresh(self) -> Student:
        conversation = self._next_ready()
        conversation.begin(self._limits.wall_s)
        begun = time.monotonic()
        if self._prepare_ahead and self.load_failure is None:
            self._next = self._prepare()
        loaded = self._load(conversation)
        self._load_s = time.monotonic() - begun
        return Student(conversation, loaded.functions)

    def _next_ready(self) -> Conversation:
        """With the worker prepared ahead, or with a new one. Raises WorkerBroken."""
        ahead, self._next = self._next, None
        conversation, self._current = ahead or self._prepare()
        self.conversation = conversation
        try:
            conversation.await_ready()
        except WorkerBroken:
            if ahead is None:
                raise
            self._current.close()
            return self._next_ready()  # while it was made, the last one may have filled the disk
        return conversation

    def _prepare(self) -> tuple[Conversation, ClosableWorker]:
        worker = self._spawn()
        conversation = Conversation(worker, self._limits.output_kb * 1024)
        conversation.deadline = Deadline.after(POST_TIMEOUT_S)
        # if it does not get through, the test that has this worker finds out what became of it
        with contextlib.suppress(DeadlineExceeded, ChannelClosed):
            conversation.post("load", [self._request])
        return conversation, worker

    def _load(self, conversation: Conversation) -> Loaded:
        try:
            loaded = read_load_answer(conversation.settle())
        except _ENDINGS as err:
            self.load_failure = err
            raise
        if loaded.faults and not self._notebook:
            self.load_failure = LoadFault(loaded.faults[0].fault)
            raise self.load_failure
        if not self._loaded:  # shown, and what a later worker says may come of hidden inputs
            self.cell_faults = loaded.faults
        self._loaded = True
        # once: what a worker says after that could tell the next one how many came before it
        self._request["compiled"] = self._request["compiled"] or loaded.compiled
        return loaded

    def end(self) -> None:
        """The test is over: its worker dies, or serves the next one."""
        worker, conversation = self._current, self.conversation
        self._current = None
        if worker is None or conversation is None:
            return
        if self._reuse and conversation.intact and self.load_failure is None:
            self._kept = (conversation, worker)
        else:
            worker.close()

    def forget(self) -> None:
        """Another test begins: what the last one had of its worker is none of its own."""
        self.conversation = None

    def discard(self) -> None:
        """The next test gets a fresh worker, whatever state the last one's is in."""
        if self._kept is not None:
            self._kept[1].close()
            self._kept = None

    def close(self) -> None:
        self.end()
        self.discard()
        if self._next is not None:
            self._next[1].close()
            self._next = None


def load_request(
    submission: Submission, module: str, seed: int, limit_s: float = 0.0
) -> dict[str, Any]:
    """What a worker needs to run the submission; see grader.worker.load, grader.worker.watch."""
    return {
        "module": module,
        "file": safe_text(submission.source_name, 80),
        "cells": [[cell.number or 0, cell.source] for cell in submission.cells],
        "files": dict(submission.files),
        "notebook": submission.kind == "ipynb",
        "seed": seed,
        "limit_s": limit_s,
        "compiled": b"",
    }


@dataclass(frozen=True)
class Loaded:
    """What a worker says of the submission that it loaded.

    `compiled` is opaque here and goes to further workers of the same submission only; `functions`
    are names by which it can be asked for functions.
    """

    faults: tuple[CellFault, ...]
    compiled: bytes
    functions: frozenset[str]


def read_load_answer(answer: Any) -> Loaded:
    """The answer, checked: it comes from a process that ran the student's code."""
    try:
        if type(answer) is not dict or type(answer.get("faults")) is not list:
            raise ProtocolError
        faults = tuple(_cell_fault(item) for item in answer["faults"][:MAX_CELL_FAULTS])
    except ProtocolError as err:
        raise WorkerCrashed("the answer was malformed") from err
    compiled: Any = answer.get("compiled")
    if type(compiled) is not bytes or len(compiled) >= MAX_COMPILED:
        compiled = b""
    functions: Any = answer.get("functions")
    if type(functions) is not str or len(functions) > MAX_NAMES:
        functions = ""
    return Loaded(faults, compiled, frozenset(functions.split()))


def _cell_fault(item: Any) -> CellFault:
    fault = Fault.from_wire(item)
    cell = item.get("cell")
    if type(cell) is not int or not 0 <= cell < 2**31:
        raise ProtocolError("a malformed number of a cell")
    return CellFault(cell, fault)
