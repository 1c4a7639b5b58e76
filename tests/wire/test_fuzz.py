"""Fuzzes the wire: 12,000 hostile frames bring out nothing but the wire's own errors.

Frames are valid ones with bytes or parts of their tree replaced, and random bytes. Whatever
arrives all the same must be plain, and the judge's conversation must make an outcome of it.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import CourseError
from grader.judge.conversation import Conversation
from grader.judge.outcomes import Fault, MisusedValue, StudentFault, WorkerCrashed, WorkerTimeout
from grader.judge.processes import Share
from grader.judge.session import read_load_answer
from grader.wire import codec
from grader.wire.channel import Channel, ChannelClosed, Deadline, DeadlineExceeded
from grader.wire.codec import Hooks, ProtocolError

EXAMPLES, FRAMES_EACH = 1_000, 12
RSS_GROWTH_MB = 400
HOOKS = Hooks(encode=codec.PLAIN.encode, decode={"h": lambda items: ("handle", items)})

VALID: list[Any] = [
    ["value", 3, np.arange(6.0).reshape(2, 3)],
    ["value", 1, {"a": [1, 2.5, None, True], "b": (np.float32(2), slice(None, 3), ...)}],
    ["value", 2, [np.ones(3, bool), b"x" * 5000, 2**70, 1 + 2j, "text"]],
    ["raised", 4, {"type": "E", "bases": [], "message": "", "frames": [[0, 1, "f"]], "own": True}],
    ["output", 0, "line\n"],
    ["callback", 0, [[np.zeros((2, 1))], {"out": None}]],
]
HOSTILE_LEAVES: list[Any] = [
    None, True, 0, -1, 1 << 31, 1 << 62, -(1 << 63), 2**64 - 1, 0.0, float("nan"), float("inf"),
    "", "a", "h", "l", "t", "d", "x", "b", "i", "c", "e", "s", "T", "\ud800", "<f8", "|O", "|b1",
    b"", b"\0" * 8, [], [[]], ["h", 1, "C", True], ["h"], ["l", []], ["d", []], ["a"],
    ["a", "<f8", [0], 0], ["s", "<f8", b"\0" * 8], ["i", "-f"], ["i", "_"], ["i", "0x_1"],
]  # fmt: skip


def frame(header: bytes, body: bytes) -> bytes:
    return struct.pack("<4sIQ", b"GRW1", len(header), len(body)) + header + body


def parts(message: Any) -> tuple[Any, list[int], bytes]:
    """Tree, sizes and body of a valid message."""
    header, buffers = codec.encode(message)
    tree, sizes = msgpack.unpackb(header, strict_map_key=False, unicode_errors="surrogatepass")
    body = b"".join(bytes(b) + bytes(-len(b) % codec.ALIGNMENT) for b in buffers)
    return tree, sizes, body


def places(tree: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = [path]
    if type(tree) is list:
        for i, part in enumerate(tree):
            found += places(part, (*path, i))
    return found


def replaced(tree: Any, path: tuple[int, ...], new: Any) -> Any:
    if not path:
        return new
    copy = list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], new)
    return copy


def hostile_frame(rng: random.Random) -> bytes:
    """A valid frame with parts or bytes replaced, cut, doubled; or nothing but random bytes."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(200))
    tree, sizes, body = parts(rng.choice(VALID))
    whole = [tree, sizes]
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        whole = replaced(whole, rng.choice(places(whole)), rng.choice(HOSTILE_LEAVES))
    header = msgpack.packb(whole, unicode_errors="surrogatepass")
    if rng.random() < 0.2:
        body = rng.choice([body[:-16], body + bytes(16), body + b"x", b""])
    data = bytearray(frame(header, body))
    for _ in range(rng.choice([0, 0, 1, 3])):
        at = rng.randrange(len(data))
        kind = rng.random()
        if kind < 0.5:
            data[at] = rng.randrange(256)
        elif kind < 0.7:
            del data[at : at + rng.randrange(1, 9)]
        elif kind < 0.9:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        else:
            data[4:16] = struct.pack("<IQ", rng.randrange(2**32), rng.randrange(2**64))
        if not data:
            break
    return bytes(data)


def received(data: bytes) -> Any:
    """What one end of a channel makes of `data`, after which the other end hangs up."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(data)
        return Channel(ours, max_body=1 << 20).receive(HOOKS, deadline=Deadline.after(2))


def peak_rss_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


@pytest.fixture
def bounded_memory() -> Any:
    """The test may not make this process larger by more than RSS_GROWTH_MB at any moment."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")  # begin to measure the peak anew
    before = peak_rss_mb() if clear.exists() else 0.0
    yield
    if clear.exists():
        assert peak_rss_mb() - before < RSS_GROWTH_MB


def test_hostile_frames_bring_out_nothing_but_the_wires_own_errors(bounded_memory: Any) -> None:
    seen = {"frames": 0, "decoded": 0}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.randoms(use_true_random=False))
    def fuzz(rng: random.Random) -> None:
        rng = random.Random(rng.getrandbits(64))
        for _ in range(FRAMES_EACH):
            seen["frames"] += 1
            data = hostile_frame(rng)
            try:
                value = received(data)
            except (ProtocolError, ChannelClosed, DeadlineExceeded):
                continue
            seen["decoded"] += 1
            codec.encode(value)  # it is plain: what came in can go out

    started = time.monotonic()
    fuzz()
    assert seen["frames"] >= 10_000
    assert seen["decoded"] > 500  # mutations that leave every frame invalid would test little
    assert time.monotonic() - started < 60


# The judge's side: any plain message at all


PLAIN = st.recursive(
    st.sampled_from(
        [
            None, True, 0, 1, 7, -1, 2**31, 2**70, 0.5, float("inf"), float("nan"), "", "x", b"",
            "value", "raised", "output", "callback", "ready", "broken", np.zeros(3), np.float64(1),
            np.array(1), np.zeros((0, 2)), 1j, slice(None), ...,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(
            st.sampled_from(["type", "bases", "message", "frames", "own", "cell", "faults", 1]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=8,
)  # fmt: skip
FAULTS = st.fixed_dictionaries(
    {
        "type": PLAIN | st.just("ValueError"),
        "bases": PLAIN | st.just([]),
        "message": PLAIN | st.just("no"),
        "frames": PLAIN | st.just([[0, 1, "f"]]),
        "own": PLAIN,
        "cell": PLAIN | st.just(1),
    }
)
MESSAGES = st.lists(
    PLAIN
    | st.tuples(
        st.sampled_from(["value", "raised", "output", "callback", "odd"]),
        PLAIN | st.integers(0, 3),
        PLAIN | FAULTS | st.tuples(st.lists(PLAIN, max_size=3), st.just({})).map(list),
    ).map(list),
    min_size=1,
    max_size=4,
)


class DeadWorker:
    """A worker whose messages are all in the wire already."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def kill(self) -> None:
        self.channel.close()

    def share(self) -> Share:
        return Share()

    def obituary(self) -> tuple[bool, str]:
        return False, "it left with exit code 0"


@settings(max_examples=500, deadline=None, database=None)
@given(MESSAGES)
def test_the_judge_makes_an_outcome_of_any_messages(messages: list[Any]) -> None:
    ours, theirs = socket.socketpair()
    sender = Channel(theirs)
    sender.send(["ready", 0, None])
    for message in messages:
        sender.send(message)
    theirs.shutdown(socket.SHUT_WR)
    conversation = Conversation(DeadWorker(Channel(ours, max_body=1 << 20)), 1000)
    conversation.begin(2.0)
    try:
        conversation.ask("call", [np.sin, [1.0], {}], "f(1)")
        value = conversation.ask("call", [lambda x: x + 1, [], {}], "g()")
        read_load_answer(value)
    except (StudentFault, WorkerCrashed, WorkerTimeout, MisusedValue):
        pass
    except CourseError as err:
        raise AssertionError("the student's values became the course's fault") from err
    finally:
        sender.close()
        ours.close()
    assert len(conversation.output) <= 1000


@settings(max_examples=200, deadline=None, database=None)
@given(PLAIN | FAULTS)
def test_a_fault_is_made_of_a_well_formed_description_only(value: Any) -> None:
    try:
        fault = Fault.from_wire(value)
    except ProtocolError:
        return
    assert type(fault.type) is str
    assert all(type(part) is str for part in fault.bases)
    assert all(type(line) is int for _, line, _ in fault.frames)
