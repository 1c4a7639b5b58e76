"""The channel: frames are bounded before a byte is allocated, and no peer moves a deadline."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

import numpy as np
import pytest

from grader.wire import codec
from grader.wire.channel import Channel, ChannelClosed, Deadline, DeadlineExceeded
from grader.wire.codec import NotPlain, ProtocolError


@pytest.fixture
def wire() -> Any:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours, max_body=1 << 16), theirs


def prefix(header: int, body: int, magic: bytes = b"GRW1") -> bytes:
    return struct.pack("<4sIQ", magic, header, body)


def test_messages_follow_each_other(wire: Any) -> None:
    channel, theirs = wire
    other = Channel(theirs)
    values = [["value", 1, np.arange(5.0)], ["output", 0, "x"], [b"\0" * 5000, np.ones(3, bool)]]
    for value in values:
        other.send(value)
    for value in values:
        assert repr(channel.receive(deadline=Deadline.after(1))) == repr(value)


@pytest.mark.parametrize(
    "start",
    [
        prefix(1, 0, b"HTTP"),
        prefix(codec.MAX_HEADER + 1, 0),
        prefix(2**32 - 1, 0),
        prefix(1, (1 << 16) + 1),
        prefix(1, 1 << 62),
        prefix(1, 2**64 - 1),
        b"\x80\x04\x95" + bytes(13),  # a pickle
    ],
    ids=["magic", "header", "header of 4 GB", "body", "body of 4 EB", "largest", "pickle"],
)
def test_a_frame_out_of_bounds_is_refused_before_its_content(wire: Any, start: bytes) -> None:
    channel, theirs = wire
    theirs.sendall(start)  # and nothing else: a wait for the content would end in the deadline
    with pytest.raises(ProtocolError):
        channel.receive(deadline=Deadline.after(1))


def test_a_frame_cut_short_is_a_closed_channel(wire: Any) -> None:
    channel, theirs = wire
    theirs.sendall(prefix(10, 0) + b"123")
    theirs.close()
    with pytest.raises(ChannelClosed):
        channel.receive(deadline=Deadline.after(1))


def test_a_drip_of_bytes_does_not_move_the_deadline(wire: Any) -> None:
    channel, theirs = wire
    theirs.sendall(prefix(100, 0))
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        channel.receive(deadline=Deadline(started + 0.1))
    theirs.sendall(b"x")
    with pytest.raises(DeadlineExceeded):
        channel.receive(deadline=Deadline(started + 0.2))
    assert time.monotonic() - started < 1


def test_a_reader_that_sleeps_does_not_hold_the_sender(wire: Any) -> None:
    channel, _theirs = wire
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        channel.send(np.zeros(1 << 20), deadline=Deadline(started + 0.2))
    assert time.monotonic() - started < 1


def test_a_value_that_cannot_be_sent_leaves_the_stream_untouched(wire: Any) -> None:
    channel, theirs = wire
    with pytest.raises(NotPlain):
        channel.send([np.zeros(3), object()])
    channel.send("next")
    assert Channel(theirs).receive(deadline=Deadline.after(1)) == "next"


def test_descriptors_sent_along_are_not_taken(wire: Any) -> None:
    channel, theirs = wire
    header, _ = codec.encode("value")
    socket.send_fds(theirs, [prefix(len(header), 0) + header], [theirs.fileno()])
    assert channel.receive(deadline=Deadline.after(1)) == "value"
