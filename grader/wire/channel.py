"""Frames over a stream socket: exact lengths, caps before allocation, deadlines on every byte.

A frame is 4 bytes of magic, header length (u32) and body length (u64), little-endian, then the
header and the body. Knows nothing of what a message means.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
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


class Channel:
    """One end of the wire. `max_body` bounds what this end accepts, in bytes.

    Deadlines are absolute `time.monotonic()` seconds; None waits for ever.
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

    def send(self, message: Any, hooks: Hooks = PLAIN, deadline: float | None = None) -> None:
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

    def receive(self, hooks: Hooks = PLAIN, deadline: float | None = None) -> Any:
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

    def _write(self, parts: Sequence[Any], deadline: float | None) -> None:
        try:
            for part in parts:
                view = memoryview(part)
                while view:
                    self._arm(deadline)
                    view = view[self._sock.send(view[:_CHUNK]) :]
        except TimeoutError as err:
            raise DeadlineExceeded from err
        except OSError as err:
            raise ChannelClosed from err

    def _fill(self, count: int, deadline: float | None) -> None:
        """Have at least `count` bytes ahead; `count` has been checked."""
        while len(self._ahead) < count:
            self._ahead += self._receive(self._sock.recv, _AHEAD, deadline)

    def _body(self, start: int, count: int, deadline: float | None) -> memoryview:
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
            done += self._receive(self._sock.recv_into, rest, deadline)
        return result

    def _receive(self, receive: Callable[[A], R], argument: A, deadline: float | None) -> R:
        """What one call to the socket gives, which must be something."""
        try:
            self._arm(deadline)
            got = receive(argument)
        except TimeoutError as err:
            raise DeadlineExceeded from err
        except OSError as err:
            raise ChannelClosed from err
        if not got:
            raise ChannelClosed
        return got

    def _arm(self, deadline: float | None) -> None:
        if deadline is None:
            if not self._blocking:
                self._sock.settimeout(None)
                self._blocking = True
            return
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise DeadlineExceeded
        self._sock.settimeout(remaining)
        self._blocking = False
