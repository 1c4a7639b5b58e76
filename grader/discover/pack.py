"""One object out of a git pack file, by its index (version 2), deltas resolved.

For commits only: small objects. Whoever made the clone chose every byte of both files, so each
place in them is checked before it is read, and what is unpacked of one clone comes off a budget.
Format: Documentation/gitformat-pack.txt of git.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from grader.discover.listing import is_file

_INDEX_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_COMMIT, _OFS_DELTA, _REF_DELTA = 1, 6, 7
_CHAIN = 100  # deltas on deltas; git makes at most 50 by default
_FANOUT = 8  # where the index's table of 256 counts begins
_NAMES = _FANOUT + 256 * 4
_CHUNK = 64 * 1024
_OVERHEAD = 1024  # of packed data: more than zlib adds to what does not get smaller


class _Unusual(Exception):
    """The pack is not as git writes it, or the object is larger than allowed."""


class Budget:
    """Bytes that may still be unpacked for one clone: deltas on deltas cost time and memory."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _Unusual


def read_packed(index: Path, name: bytes, limit: int, budget: Budget) -> bytes | None:
    """The commit `name` (20 bytes) of the pack of `index`, at most `limit` bytes; None if not."""
    pack = index.with_suffix(".pack")
    if not (is_file(index) and is_file(pack)):
        return None
    try:
        with index.open("rb") as index_file, pack.open("rb") as pack_file:
            reader = _Pack(index_file, pack_file, limit, budget)
            offset = reader.find(name)
            return None if offset is None else reader.commit_at(offset)
    except (_Unusual, OSError, ValueError, ArithmeticError, struct.error, zlib.error, IndexError):
        return None


class _Pack:
    def __init__(self, index: BinaryIO, pack: BinaryIO, limit: int, budget: Budget) -> None:
        self._index, self._pack, self._limit, self._budget = index, pack, limit, budget
        self._index_bytes = os.fstat(index.fileno()).st_size
        self._pack_bytes = os.fstat(pack.fileno()).st_size
        if self._at(0, 8) != _INDEX_MAGIC:
            raise _Unusual
        self._count = self._number(_FANOUT + 255 * 4)
        if _NAMES + 24 * self._count > self._index_bytes:
            raise _Unusual

    def find(self, name: bytes) -> int | None:
        """Where the object begins in the pack."""
        low = self._number(_FANOUT + (name[0] - 1) * 4) if name[0] else 0
        high = self._number(_FANOUT + name[0] * 4)
        if not low <= high <= self._count:
            raise _Unusual
        while low < high:
            middle = (low + high) // 2
            found = self._at(_NAMES + 20 * middle, 20)
            if found == name:
                return self._offset(middle)
            low, high = (middle + 1, high) if found < name else (low, middle)
        return None

    def commit_at(self, offset: int) -> bytes:
        """The object at `offset`, which must be a commit in the end."""
        deltas: list[bytes] = []
        for _ in range(_CHAIN):
            kind, size, start = self._header(offset)
            if kind == _COMMIT:
                content = self._unpack(start, size)
                for delta in reversed(deltas):
                    content = self._apply(delta, content)
                return content
            offset, start = self._base(kind, offset, start)
            deltas.append(self._unpack(start, size))
        raise _Unusual

    def _base(self, kind: int, offset: int, start: int) -> tuple[int, int]:
        """Where a delta's base begins, and where its own data does."""
        head = self._read(start, 20)
        if kind == _REF_DELTA:
            base = self.find(head)
            if base is None:
                raise _Unusual
            return base, start + 20
        if kind != _OFS_DELTA:
            raise _Unusual
        back, used = head[0] & 0x7F, 1
        while head[used - 1] & 0x80:
            back = ((back + 1) << 7) | (head[used] & 0x7F)
            used += 1
        if not 0 < back < offset:
            raise _Unusual
        return offset - back, start + used

    def _header(self, offset: int) -> tuple[int, int, int]:
        """An object's kind, its size unpacked, and where its data begins."""
        head = self._read(offset, 10)
        kind, size = (head[0] >> 4) & 7, head[0] & 15
        used, shift = 1, 4
        while head[used - 1] & 0x80:
            size |= (head[used] & 0x7F) << shift
            used, shift = used + 1, shift + 7
        if size > self._limit:
            raise _Unusual
        return kind, size, offset + used

    def _unpack(self, start: int, size: int) -> bytes:
        self._budget.spend(size)
        self._pack.seek(self._inside(start, self._pack_bytes))
        unpacker = zlib.decompressobj()
        data = bytearray()
        left = size + size // 100 + _OVERHEAD  # packed bytes: blocks that hold nothing have no end
        while len(data) < size and not unpacker.eof:
            packed = unpacker.unconsumed_tail
            if not packed:
                packed = self._pack.read(min(_CHUNK, left))
                left -= len(packed)
            if not packed:
                raise _Unusual
            data += unpacker.decompress(packed, size - len(data))
        if len(data) != size:
            raise _Unusual
        return bytes(data)

    def _apply(self, delta: bytes, base: bytes) -> bytes:
        base_size, at = _varint(delta, 0)
        size, at = _varint(delta, at)
        if base_size != len(base) or size > self._limit:
            raise _Unusual
        self._budget.spend(size)
        parts, made = [], 0
        while at < len(delta):
            code = delta[at]
            at += 1
            if code & 0x80:  # copy from the base
                start, at = _packed_number(delta, at, code & 0x0F, 4)
                count, at = _packed_number(delta, at, (code >> 4) & 0x07, 3)
                part = base[start : start + (count or 0x10000)]
            elif code:  # the next `code` bytes
                part, at = delta[at : at + code], at + code
            else:
                raise _Unusual
            made += len(part)
            if made > size:
                raise _Unusual
            parts.append(part)
        if made != size:
            raise _Unusual
        return b"".join(parts)

    def _offset(self, position: int) -> int:
        table = _NAMES + 24 * self._count  # names and checksums lie before it
        offset = self._number(table + 4 * position)
        if offset & 0x8000_0000:
            at = table + 4 * self._count + 8 * (offset & 0x7FFF_FFFF)
            return int(struct.unpack(">Q", self._at(at, 8))[0])
        return offset

    def _number(self, at: int) -> int:
        return int(struct.unpack(">I", self._at(at, 4))[0])

    def _at(self, at: int, count: int) -> bytes:
        self._index.seek(self._inside(at, self._index_bytes))
        return self._index.read(count)

    def _read(self, at: int, count: int) -> bytes:
        self._pack.seek(self._inside(at, self._pack_bytes))
        return self._pack.read(count)

    @staticmethod
    def _inside(at: int, size: int) -> int:
        if not 0 <= at < size:
            raise _Unusual
        return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
        if shift > 63:
            raise _Unusual


def _packed_number(data: bytes, at: int, present: int, size: int) -> tuple[int, int]:
    """A little-endian number of which only the bytes named by the bits of `present` are there."""
    value = 0
    for i in range(size):
        if present & (1 << i):
            value |= data[at] << (8 * i)
            at += 1
    return value, at
