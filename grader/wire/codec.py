"""Values as a msgpack tree plus raw buffers, and back, with every size checked first.

Plain values go by value: None, bool, int, float, complex, str, bytes, list, tuple, dict, slices,
numpy scalars, arrays and dense tensors of exactly these types. Whatever else a sender has, it
turns into a reference (see `Hooks`). The decoder trusts nothing: any surprise is a ProtocolError.

Tree: scalars as msgpack has them; all else a list [TAG, ...]. Buffers follow the header, each
aligned to 16 bytes so that arrays can be used where they lie.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

MAX_HEADER = 4 << 20  # bytes; a list of 400,000 floats fits
MAX_BODY = 512 << 20  # bytes of arrays in one message
MAX_DEPTH = 64
MAX_ITEMS = 500_000
MAX_PAIRS = 2_000  # dict entries: 20,000 colliding keys cost seconds
_MIN_KEY, _MAX_KEY = -(2**63), 2**64  # integer keys: longer ones can all be made to collide
MAX_BIGINT_HEX = 3_400  # repr stays below Python's 4300-digit limit
MAX_NDIM = 16
MAX_DIMENSION = 1 << 31
INLINE_BYTES = 4096  # longer bytes travel as a buffer, so that files fit
ALIGNMENT = 16

ARRAY_DTYPES = {
    np.dtype(code).str: np.dtype(code)
    for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
}
# what is sent as it lies
_LITTLE_ENDIAN = {dtype: name for name, dtype in ARRAY_DTYPES.items() if name[0] in "<|"}
TENSOR_DTYPES = {
    "bool": "|b1", "uint8": "|u1", "int8": "|i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
    "float16": "<f2", "bfloat16": "<i2", "float32": "<f4", "float64": "<f8",
    "complex64": "<c8", "complex128": "<c16",
}  # fmt: skip


class ProtocolError(Exception):
    """The other side broke the rules of the wire; it is not spoken to again."""


class NotPlain(Exception):
    """A value cannot travel and the sender has no reference for it."""


@dataclass(frozen=True)
class Hooks:
    """How one side names what does not travel by value.

    `encode(value)` gives a tree [TAG, ...] with a tag of its own or raises NotPlain;
    `decode[TAG](items)` makes a value of such a tree. Both sides have other tags.
    """

    encode: Callable[[Any], list[Any]]
    decode: dict[str, Callable[[list[Any]], Any]]


def _refuse(value: Any) -> list[Any]:
    raise NotPlain(f"a {type(value).__name__} cannot be sent")


PLAIN = Hooks(encode=_refuse, decode={})


# --- encoding ---------------------------------------------------------------------------------


def encode(value: Any, hooks: Hooks = PLAIN) -> tuple[bytes, list[memoryview]]:
    """Header bytes and the raw buffers of `value`."""
    buffers: list[memoryview] = []
    tree = _Encoder(hooks, buffers).tree(value, 0)
    header: bytes = _PACKER.pack([tree, [len(b) for b in buffers]])
    if len(header) > MAX_HEADER:
        raise NotPlain(f"a value of {len(header)} bytes is too large to be sent")
    return header, buffers


_PACKER = msgpack.Packer(unicode_errors="surrogatepass")


@dataclass
class _Encoder:
    hooks: Hooks
    buffers: list[memoryview]

    def tree(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _AS_THEY_ARE:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else _bigint(value)
        if depth >= MAX_DEPTH:
            raise NotPlain(f"a value nested deeper than {MAX_DEPTH} levels cannot be sent")
        other = _KINDS.get(kind)
        if other is not None:
            return other(self, value, depth + 1)
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            return self.scalar(value)
        if is_tensor(value):
            return self.tensor(value)
        return self.hooks.encode(value)

    def sequence(self, value: Sequence[Any], depth: int) -> list[Any]:
        items = [v if type(v) in _AS_THEY_ARE else self.tree(v, depth) for v in value]
        return ["l" if type(value) is list else "t", items]

    def pairs(self, value: dict[Any, Any], depth: int) -> list[Any]:
        if any(type(key) is int and not _MIN_KEY <= key < _MAX_KEY for key in value):
            return self.hooks.encode(value)
        return ["d", [[self.tree(k, depth), self.tree(v, depth)] for k, v in value.items()]]

    def blob(self, value: bytes, _depth: int) -> Any:
        if len(value) <= INLINE_BYTES:
            return value
        self.buffers.append(memoryview(value))
        return ["b", len(self.buffers) - 1]

    def bounds(self, value: slice, depth: int) -> list[Any]:
        return ["x", [self.tree(v, depth) for v in (value.start, value.stop, value.step)]]

    def array(self, value: np.ndarray, _depth: int) -> list[Any]:
        name = _LITTLE_ENDIAN.get(value.dtype)
        if name is None:
            dtype = value.dtype.newbyteorder("<") if value.dtype.kind in "iufc" else value.dtype
            if dtype.str not in ARRAY_DTYPES:
                return self.hooks.encode(value)
            name, value = dtype.str, value.astype(dtype, copy=False)
        return ["a", name, list(value.shape), self.buffer(value)]

    def scalar(self, value: np.generic) -> list[Any]:
        if value.dtype.str not in ARRAY_DTYPES:
            return self.hooks.encode(value)
        return ["s", value.dtype.str, value.tobytes()]

    def tensor(self, value: Any) -> list[Any]:
        torch = sys.modules["torch"]
        name = str(value.dtype).removeprefix("torch.")
        if name not in TENSOR_DTYPES or value.layout is not torch.strided:
            return self.hooks.encode(value)
        plain = value.detach().to("cpu").resolve_conj().resolve_neg().contiguous()
        if name == "bfloat16":
            plain = plain.view(torch.int16)
        return ["T", name, list(value.shape), self.buffer(plain.numpy())]

    def buffer(self, array: np.ndarray) -> int:
        if array.nbytes <= INLINE_BYTES:  # a copy takes less time than a view
            self.buffers.append(memoryview(array.tobytes()))
        else:
            flat = np.asarray(array, order="C").reshape(-1)
            self.buffers.append(flat.view(np.uint8).data)
        return len(self.buffers) - 1


_AS_THEY_ARE = frozenset({type(None), bool, float, str})
_KINDS: dict[type, Callable[[_Encoder, Any, int], Any]] = {
    bytes: _Encoder.blob,
    complex: lambda _, value, depth: ["c", value.real, value.imag],
    list: _Encoder.sequence,
    tuple: _Encoder.sequence,
    dict: _Encoder.pairs,
    slice: _Encoder.bounds,
    type(Ellipsis): lambda _, value, depth: ["e"],
    np.ndarray: _Encoder.array,
}


def is_tensor(value: Any) -> bool:
    """True for exactly torch.Tensor and torch.nn.Parameter; torch is never imported for it."""
    torch = sys.modules.get("torch")
    return torch is not None and type(value) in (torch.Tensor, torch.nn.Parameter)


def _bigint(value: int) -> list[Any]:
    text = format(value, "x")
    if len(text) > MAX_BIGINT_HEX:
        raise NotPlain("an integer of thousands of digits cannot be sent")
    return ["i", text]


# --- decoding ---------------------------------------------------------------------------------


def decode(header: bytes, body: memoryview, hooks: Hooks = PLAIN) -> Any:
    """The value of a header and its body; ProtocolError for anything out of rule."""
    collects = gc.isenabled()
    gc.disable()  # four million empty lists take 0.4 s without it, 1.8 s with it
    try:
        message = msgpack.unpackb(
            header,
            raw=False,
            unicode_errors="surrogatepass",
            ext_hook=_refuse_ext,
            max_array_len=MAX_ITEMS,
            max_map_len=0,
            max_str_len=MAX_HEADER,
            max_bin_len=MAX_HEADER,
        )
    except ProtocolError:
        raise
    except Exception as err:  # msgpack raises a dozen kinds for malformed input
        raise ProtocolError(f"malformed header: {type(err).__name__}") from err
    finally:
        if collects:
            gc.enable()
    if type(message) is not list or len(message) != 2:
        raise ProtocolError("a header is a pair of a tree and buffer sizes")
    tree, sizes = message
    return _Decoder(_cut(body, sizes), hooks).value(tree, 0)


def body_size(sizes: Sequence[int]) -> int:
    """Bytes that buffers of these sizes take in a body, padding included."""
    return sum(_padded(size) for size in sizes)


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _cut(body: memoryview, sizes: Any) -> list[memoryview]:
    if type(sizes) is not list:
        raise ProtocolError("buffer sizes are not a list of lengths")
    buffers, offset = [], 0
    for size in sizes:
        if type(size) is not int or not 0 <= size <= MAX_BODY:
            raise ProtocolError("buffer sizes are not a list of lengths")
        buffers.append(body[offset : offset + size])
        offset += _padded(size)
    if offset != len(body):
        raise ProtocolError("buffer sizes do not add up to the body")
    return buffers


def _refuse_ext(_code: int, _data: bytes) -> Any:
    raise ProtocolError("an extension type is not allowed")


class _Decoder:
    def __init__(self, buffers: list[memoryview], hooks: Hooks) -> None:
        self.buffers: list[memoryview | None] = list(buffers)
        self.hooks = hooks
        self.items = 0

    def value(self, tree: Any, depth: int) -> Any:
        if type(tree) in _SCALARS:
            return tree
        if depth >= MAX_DEPTH:
            raise ProtocolError("a value is too deep")
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise ProtocolError("a value is neither a scalar nor tagged")
        tag = tree[0]
        nested = _NESTED.get(tag)
        if nested is not None:
            if len(tree) != 2 or type(tree[1]) is not list:
                raise ProtocolError("a container holds one list")
            self.items += len(tree[1])
            if self.items > MAX_ITEMS:
                raise ProtocolError("a value has too many items")
            return nested(self, tree[1], depth + 1)
        simple = _SIMPLE.get(tag)
        if simple is not None:
            return simple(self, tree[1:])
        if tag in self.hooks.decode:
            return self.hooks.decode[tag](tree[1:])
        raise ProtocolError("unknown tag")

    def sequence(self, items: list[Any], depth: int) -> list[Any]:
        return [item if type(item) in _SCALARS else self.value(item, depth) for item in items]

    def bounds(self, items: list[Any], depth: int) -> slice:
        if len(items) != 3:
            raise ProtocolError("a slice has three parts")
        return slice(*self.sequence(items, depth))

    def pairs(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        if len(pairs) > MAX_PAIRS:
            raise ProtocolError(f"a dict has more than {MAX_PAIRS} entries")
        result = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise ProtocolError("a dict entry is a pair")
            key = self.value(pair[0], depth)
            if key is not None and type(key) not in (bool, int, float, str, bytes):
                raise ProtocolError("a dict key must be a plain scalar")
            if type(key) is int and not _MIN_KEY <= key < _MAX_KEY:
                raise ProtocolError("a dict key must be an integer of 64 bits")
            result[key] = self.value(pair[1], depth)
        return result

    def bigint(self, rest: list[Any]) -> int:
        if len(rest) != 1 or type(rest[0]) is not str or len(rest[0]) > MAX_BIGINT_HEX + 1:
            raise ProtocolError("malformed integer")
        try:
            return int(rest[0], 16)
        except ValueError as err:
            raise ProtocolError("malformed integer") from err

    def complex(self, rest: list[Any]) -> complex:
        if len(rest) != 2 or type(rest[0]) is not float or type(rest[1]) is not float:
            raise ProtocolError("malformed complex number")
        return complex(rest[0], rest[1])

    def blob(self, rest: list[Any]) -> bytes:
        if len(rest) != 1:
            raise ProtocolError("malformed bytes")
        return bytes(self.buffer(rest[0]))

    def ellipsis(self, rest: list[Any]) -> Any:
        if rest:
            raise ProtocolError("malformed ellipsis")
        return Ellipsis

    def scalar(self, rest: list[Any]) -> np.generic:
        dtype = ARRAY_DTYPES.get(rest[0]) if len(rest) == 2 and type(rest[0]) is str else None
        if dtype is None or type(rest[1]) is not bytes or len(rest[1]) != dtype.itemsize:
            raise ProtocolError("malformed scalar")
        if dtype.kind == "b":
            return np.bool_(rest[1] != b"\0")
        return np.frombuffer(rest[1], dtype)[0]

    def array(self, rest: list[Any]) -> np.ndarray:
        if len(rest) != 3 or type(rest[0]) is not str or rest[0] not in ARRAY_DTYPES:
            raise ProtocolError("an array's dtype is not allowed")
        return self.take(ARRAY_DTYPES[rest[0]], rest[1], rest[2])

    def tensor(self, rest: list[Any]) -> Any:
        if len(rest) != 3 or type(rest[0]) is not str or rest[0] not in TENSOR_DTYPES:
            raise ProtocolError("a tensor's dtype is not allowed")
        array = self.take(np.dtype(TENSOR_DTYPES[rest[0]]), rest[1], rest[2])
        torch = sys.modules.get("torch")
        if torch is None:
            raise ProtocolError("a tensor came to a process without torch")
        tensor = torch.from_numpy(array)
        return tensor.view(torch.bfloat16) if rest[0] == "bfloat16" else tensor

    def take(self, dtype: np.dtype, shape: Any, index: Any) -> np.ndarray:
        if type(shape) is not list or len(shape) > MAX_NDIM:
            raise ProtocolError("an array has too many dimensions")
        count = 1
        for n in shape:
            if type(n) is not int or not 0 <= n < MAX_DIMENSION:
                raise ProtocolError("a dimension is out of range")
            count *= n
        buffer = self.buffer(index)
        if count * dtype.itemsize != len(buffer):
            raise ProtocolError("an array's shape does not fit its buffer")
        try:
            if dtype.kind == "b":
                return np.ndarray(shape, np.uint8, buffer).astype(bool)
            return np.ndarray(shape, dtype, buffer)
        except ValueError as err:  # no element, and other dimensions that multiply beyond numpy's
            raise ProtocolError("an array's dimensions are out of range") from err

    def buffer(self, index: Any) -> memoryview:
        """Each is of one value: two arrays that share theirs would change together."""
        known = type(index) is int and 0 <= index < len(self.buffers)
        buffer = self.buffers[index] if known else None
        if buffer is None:
            raise ProtocolError("a value has no buffer of its own")
        self.buffers[index] = None
        return buffer


_SCALARS = frozenset({type(None), bool, int, float, str, bytes})
_NESTED: dict[str, Callable[[_Decoder, list[Any], int], Any]] = {
    "l": _Decoder.sequence,
    "t": lambda decoder, items, depth: tuple(decoder.sequence(items, depth)),
    "d": _Decoder.pairs,
    "x": _Decoder.bounds,
}
_SIMPLE: dict[str, Callable[[_Decoder, list[Any]], Any]] = {
    "i": _Decoder.bigint,
    "b": _Decoder.blob,
    "c": _Decoder.complex,
    "e": _Decoder.ellipsis,
    "s": _Decoder.scalar,
    "a": _Decoder.array,
    "T": _Decoder.tensor,
}
