"""Frames over a stream socket: exact lengths, caps before allocation, deadlines on every byte.

A frame is 4 bytes of magic, header length (u32) and body length (u64), little-endian, then the
header and the body. Knows nothing of what a message means.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.wire import codec
from grader.wire.codec import PLAIN, Hooks, ProtocolError

_PREFIX = struct.Struct("<4sIQ")
_MAGIC = b"GRW1"
_CHUNK = 1 << 20
_AHEAD = 1 << 16
_ZEROS = bytes(codec.ALIGNMENT)
A = TypeVar("A")
R = TypeVar("R")


class ChannelClosed(Exception):
    """The other side is gone."""


class DeadlineExceeded(Exception):
    """The other side did not read or answer in time."""


@dataclass
class Deadline:
    """A moment, `at` in `time.monotonic()` seconds.

    When it comes, `put_off` says by how many seconds it moves; it has passed once that is 0.
    """

    at: float
    put_off: Callable[[], float] = lambda: 0.0

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until `at`, at least 0."""
        return max(0.0, self.at - time.monotonic())

    def remaining(self) -> float:
        """Seconds left, above 0; raises DeadlineExceeded."""
        while (left := self.at - time.monotonic()) <= 0:
            more = self.put_off()
            if more <= 0:
                raise DeadlineExceeded
            self.at += more
        return left


class Channel:
    """One end of the wire. `max_body` bounds what this end accepts, in bytes.

    Without a deadline it waits for ever.
    """

    def __init__(self, sock: socket.socket, max_body: int = codec.MAX_BODY) -> None:
        self._sock = sock
        self._max_body = min(max_body, codec.MAX_BODY)
        self._blocking = True
        self._ahead = bytearray()
        sock.setblocking(True)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def send(self, message: Any, hooks: Hooks = PLAIN, deadline: Deadline | None = None) -> None:
        """Encode and write one message; NotPlain leaves the stream untouched."""
        header, buffers = codec.encode(message, hooks)
        length = codec.body_size([len(b) for b in buffers])
        parts: list[Any] = [_PREFIX.pack(_MAGIC, len(header), length), header]
        for buffer in buffers:
            parts.append(buffer)
            parts.append(_ZEROS[: -len(buffer) % codec.ALIGNMENT])
        # a small message in one piece: each piece would wake the other side for nothing
        small = len(header) + length <= _CHUNK
        self._write([b"".join(parts)] if small else parts, deadline)

    def receive(self, hooks: Hooks = PLAIN, deadline: Deadline | None = None) -> Any:
        """The next message; sizes are checked before a byte is allocated for them."""
        self._fill(_PREFIX.size, deadline)
        magic, header_length, body_length = _PREFIX.unpack_from(self._ahead)
        if magic != _MAGIC:
            raise ProtocolError("a frame does not begin with its magic")
        if header_length > codec.MAX_HEADER or body_length > self._max_body:
            raise ProtocolError("a frame is larger than allowed")
        body_at = _PREFIX.size + header_length
        self._fill(body_at, deadline)
        header = bytes(self._ahead[_PREFIX.size : body_at])
        return codec.decode(header, self._body(body_at, body_length, deadline), hooks)

    def _write(self, parts: Sequence[Any], deadline: Deadline | None) -> None:
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[self._do(self._sock.send, view[:_CHUNK], deadline) :]

    def _fill(self, count: int, deadline: Deadline | None) -> None:
        """Have at least `count` bytes ahead; `count` has been checked."""
        while len(self._ahead) < count:
            self._ahead += self._do(self._sock.recv, _AHEAD, deadline)

    def _body(self, start: int, count: int, deadline: Deadline | None) -> memoryview:
        """The `count` bytes from `start` on, in memory of their own; what follows stays ahead."""
        end = start + count
        if len(self._ahead) >= end:
            result = memoryview(self._ahead[start:end])
            self._ahead = self._ahead[end:]
            return result
        result = memoryview(bytearray(count))
        done = len(self._ahead) - start
        result[:done] = self._ahead[start:]
        self._ahead = bytearray()
        while done < count:
            rest = result[done : done + _CHUNK]
            done += self._do(self._sock.recv_into, rest, deadline)
        return result

    def _do(self, act: Callable[[A], R], argument: A, deadline: Deadline | None) -> R:
        """What one call to the socket gives, which must be something."""
        while True:
            self._arm(deadline)
            try:
                done = act(argument)
            except TimeoutError:
                continue  # `_arm` raises, or puts the deadline off
            except OSError as err:
                raise ChannelClosed from err
            if not done:
                raise ChannelClosed
            return done

    def _arm(self, deadline: Deadline | None) -> None:
        if deadline is not None:
            self._sock.settimeout(deadline.remaining())
            self._blocking = False
        elif not self._blocking:
            self._sock.settimeout(None)
            self._blocking = True
