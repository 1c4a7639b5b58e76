"""One test's talk with one worker: requests and answers, callbacks, output, one deadline.

The first breach of the protocol kills the worker and ends the test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from grader.errors import CourseError
from grader.judge.outcomes import (
    Fault,
    Frame,
    MisusedValue,
    StudentFault,
    TestOverran,
    WorkerBroken,
    WorkerCrashed,
    WorkerTimeout,
    read_frame,
)
from grader.judge.overrun import WATCH
from grader.judge.processes import Share, waited_s
from grader.judge.proxy import Remote
from grader.judge.references import References
from grader.wire.channel import Channel, ChannelClosed, Deadline, DeadlineExceeded
from grader.wire.codec import NotPlain, ProtocolError

FLOOD_BYTES = 4 << 20  # a worker that sends more output than this is killed
ANSWER_BYTES = 128 << 20
# What a test's function may be called with: its code runs here, and broadcasting multiplies.
CALLBACK_BYTES = 4 << 20
MAX_STARVED = 4.0
LEAST_STARVED_S = 0.01
READY_S = 120.0  # an import of torch on a busy machine, where each worker does its own


class Worker(Protocol):
    """A live worker: its channel, and how to end it."""

    channel: Channel

    def kill(self) -> None: ...

    def share(self) -> Share:
        """What it had of the machine since it was made."""

    def obituary(self) -> tuple[bool, str]:
        """After its death: whether its processor time was used up, and in words why it died."""


class Conversation:
    """Ask a worker; see `ask`. The deadline of all of it is set by `begin`.

    `after` is the conversation that this worker had before, where it has another test behind it.
    """

    def __init__(
        self, worker: Worker, output_limit: int, after: Conversation | None = None
    ) -> None:
        self.worker = worker
        self.output = ""
        self.called: str | None = None
        self.answered = False  # whether the test had anything of the student's code
        self.standing: Frame | None = None  # where the code was when the worker last told
        self.deadline: Deadline | None = None
        self.wall_s = 0.0
        self.put_off_s = 0.0  # for how long the clock has stood still
        self._output_limit = output_limit
        self._output_seen = 0
        self._number: int = 0 if after is None else after._number
        self._awaited = 0
        self._references = References(lambda number, kind: Remote(self, number, kind, "the result"))
        self._fresh = after is None
        self._ready = not self._fresh
        self._over: Exception | None = None

    @property
    def intact(self) -> bool:
        """Whether the worker is there and has kept to the protocol."""
        return self._over is None

    def begin(self, wall_s: float) -> None:
        """Start the clock: all that follows shares these seconds.

        The clock stands still while the worker or this process waits for a core, so that a busy
        machine costs nobody points; for so long as `MAX_STARVED` times these seconds.
        """
        self.wall_s = wall_s
        begun, before = time.monotonic(), waited_s()
        first = Share() if self._fresh else self.worker.share()

        def put_off() -> float:
            share = self.worker.share()
            # a worker whose own threads take the core, from each other or from this process, is
            # not kept waiting by others
            ran = share.ran_s - first.ran_s
            idle = max(0.0, time.monotonic() - begun - ran)
            waited = max(0.0, waited_s() - before - ran) + share.waited_s - first.waited_s
            more = min(waited, idle, MAX_STARVED * wall_s) - self.put_off_s
            if more < LEAST_STARVED_S:
                return 0.0
            self.put_off_s += more
            return more

        self.deadline = Deadline(time.monotonic() + wall_s, put_off)

    def await_ready(self) -> None:
        """Wait for the worker to be set up, which no student's code has a part in."""
        deadline = Deadline.after(READY_S)
        try:
            while not self._ready:
                self._set_up(*self._message(deadline)[::2])
        except (DeadlineExceeded, ChannelClosed, ProtocolError) as err:
            self._over = WorkerBroken(f"a worker was not ready ({type(err).__name__})")
            raise self._over from err

    def post(self, kind: str, payload: list[Any]) -> None:
        """Send a request whose answer is read later, by `settle`."""
        self._number += 1
        self._awaited = self._number
        self.worker.channel.send(
            [kind, self._number, payload], self._references.hooks, self.deadline
        )

    def settle(self) -> Any:
        """The answer to what was posted; raises what became of the student's code."""
        return self._guard(self._answer)

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any:
        """One request and its answer."""
        if called is not None and kind in ("call", "call_keeping", "run", "operate"):
            self.called = called
        if self._over is not None:
            raise self._over

        def exchange() -> Any:
            self.post(kind, payload)
            try:
                return self._answer()
            finally:
                self.answered = True

        return self._guard(exchange)

    def processor_s(self) -> float:
        """What the worker has used of the processor so far, by the kernel's count.

        The clock on the wall where none says: so a worker that leaves before it is counted has
        used all the time since the machine was started.
        """
        share = self.worker.share()
        return share.ran_s if share.known else time.monotonic()

    def _guard(self, exchange: Callable[[], Any]) -> Any:
        interrupts, WATCH.interrupts = WATCH.interrupts, False
        try:
            return exchange()
        except TestOverran:
            self._over = WorkerTimeout("an earlier part of the test took too long")
            self.worker.kill()
            raise
        except NotPlain as err:
            raise CourseError(f"A test sent what cannot travel: {err}") from err
        except DeadlineExceeded as err:
            words = f"it used up its {self.wall_s:g} s"
            self._end(WorkerTimeout(words, self.standing), err)
        except ChannelClosed as err:
            self.worker.kill()
            timed_out, why = self.worker.obituary()
            late = WorkerTimeout(why, self.standing)
            self._end(late if timed_out else WorkerCrashed(why), err)
        except ProtocolError as err:
            self._end(WorkerCrashed(f"the answer was malformed ({err})"), err)
        except RecursionError as err:
            self._end(WorkerCrashed("the answer was nested too deeply"), err)
        except MemoryError as err:
            self._end(WorkerCrashed("the answer was too large"), err)
        finally:
            WATCH.interrupts = interrupts

    def _end(self, outcome: Exception, cause: Exception) -> None:
        self._over = outcome
        self.worker.kill()
        # the frames of the decoder hold what it made of the message, which may be a gigabyte, and
        # this conversation would hold them until the garbage collector looks through everything
        raise outcome from cause.with_traceback(None)

    def _answer(self) -> Any:
        while True:
            kind, number, payload = self._message(self.deadline)
            if not self._ready:
                self._set_up(kind, payload)
            elif kind == "output":
                self._print(payload)
            elif kind == "callback":
                self._call_back(number, payload)
            elif kind == "standing":
                self.standing = read_frame(payload)
            elif type(number) is not int or number != self._awaited:
                raise ProtocolError("an answer to a question that was not asked")
            elif kind == "value":
                return payload
            elif kind == "raised":
                raise StudentFault(Fault.from_wire(payload))
            else:
                raise ProtocolError("an unknown kind of message")

    def _message(self, deadline: Deadline | None) -> list[Any]:
        """[kind, number, payload]; of these, `kind` is a text."""
        message = self.worker.channel.receive(self._references.hooks, deadline)
        if type(message) is not list or len(message) != 3 or type(message[0]) is not str:
            raise ProtocolError("a message has a kind, a number and a payload")
        return message

    def _set_up(self, kind: str, payload: Any) -> None:
        """What comes before "ready" is our own code's word; no student code has run yet."""
        if kind in ("broken", "no-gpu"):
            raise WorkerBroken(str(payload)[:500])
        self._ready = kind == "ready"

    def _print(self, text: Any) -> None:
        if type(text) is not str:
            raise ProtocolError("output is text")
        self._output_seen += len(text)
        if self._output_seen > FLOOD_BYTES:
            raise ProtocolError(f"more than {FLOOD_BYTES >> 20} MB of output")
        self.output += text[: max(0, self._output_limit - len(self.output))]

    def _call_back(self, number: Any, payload: Any) -> None:
        function = self._references.function(number)
        if (
            type(payload) is not list
            or len(payload) != 2
            or type(payload[0]) is not list
            or type(payload[1]) is not dict
            or not all(type(key) is str for key in payload[1])
        ):
            raise ProtocolError("a callback has arguments and keyword arguments")
        if payload_bytes(payload) > CALLBACK_BYTES:
            raise ProtocolError(f"a callback with more than {CALLBACK_BYTES >> 20} MB of arrays")
        WATCH.interrupts = True
        try:
            reply = ["answer", 0, function(*payload[0], **payload[1])]
        except (WorkerTimeout, WorkerCrashed, StudentFault, CourseError):
            raise
        except MisusedValue as err:
            reply = ["failed", 0, str(err)]
        except Exception as err:
            # what the student called it with is the student's: shapes, types, values
            reply = ["failed", 0, f"the function refused its arguments ({type(err).__name__})"]
        finally:
            WATCH.interrupts = False
        try:
            self.worker.channel.send(reply, self._references.hooks, self.deadline)
        except NotPlain:  # such as a long double: np.sin(x, dtype="g")
            reply = ["failed", 0, "the function gave no plain value for these arguments"]
            self.worker.channel.send(reply, self._references.hooks, self.deadline)


def payload_bytes(value: Any) -> int:
    """Bytes of the arrays and tensors in a decoded value; its depth is bounded by the codec."""
    if type(value) in (list, tuple):
        return sum(map(payload_bytes, value))
    if type(value) is dict:
        return sum(map(payload_bytes, value.values()))
    nbytes = getattr(value, "nbytes", 0) if type(value).__module__ in ("numpy", "torch") else 0
    return nbytes if type(nbytes) is int else 0
