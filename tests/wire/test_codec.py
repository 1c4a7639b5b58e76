"""The codec: what goes by value comes back the same, and every rule of the decoder holds."""

from __future__ import annotations

import struct
import time
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from grader.wire import codec
from grader.wire.codec import Hooks, NotPlain, ProtocolError

DTYPES = sorted(codec.ARRAY_DTYPES)
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: stn.arrays(np.dtype(dtype), stn.array_shapes(min_dims=0, min_side=0, max_side=4))
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(), max_size=20)
    | st.binary(max_size=20)
)
KEYS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary()
NUMPY_SCALARS = st.sampled_from(DTYPES).flatmap(lambda d: stn.from_dtype(np.dtype(d)))
VALUES = st.recursive(
    SCALARS | ARRAYS | NUMPY_SCALARS | st.just(...),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.builds(slice, inner, inner, inner)
    ),
    max_leaves=20,
)


def crossed(value: Any, sender: Hooks = codec.PLAIN, receiver: Hooks = codec.PLAIN) -> Any:
    """`value` after a journey, by the same steps as the channel's."""
    header, buffers = codec.encode(value, sender)
    body = b"".join(bytes(b) + bytes(-len(b) % codec.ALIGNMENT) for b in buffers)
    assert len(body) == codec.body_size([len(b) for b in buffers])
    return codec.decode(header, memoryview(bytearray(body)), receiver)


def same(a: Any, b: Any) -> bool:
    """Equal in type, shape and every bit (NaN too)."""
    if type(a) is not type(b):
        return False
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is dict:
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if type(a) is slice:
        return same([a.start, a.stop, a.step], [b.start, b.stop, b.step])
    if type(a) is np.ndarray or isinstance(a, np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if type(a) is float:
        return struct.pack("<d", a) == struct.pack("<d", b)
    if type(a) is complex:
        return same([a.real, a.imag], [b.real, b.imag])
    return bool(a == b)


def decoded(tree: Any, sizes: Any = (), body: bytes = b"", hooks: Hooks = codec.PLAIN) -> Any:
    header = msgpack.packb([tree, list(sizes) if type(sizes) is tuple else sizes])
    return codec.decode(header, memoryview(bytearray(body)), hooks)


# Round trips


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_plain_values_come_back_the_same(value: Any) -> None:
    assert same(crossed(value), value)


@pytest.mark.parametrize(
    "value",
    [
        2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**4000, -(10**4000), "\ud800", "\0",
        b"x" * 100_000, -0.0, float("nan"), complex("nan+infj"), (), [], {}, {None: 1, 2.5: [()]},
        {True: 1}, {b"": {"": ...}}, np.float16(1.5), np.bool_(True), np.uint64(2**64 - 1),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_corner_values_come_back_the_same(value: Any) -> None:
    assert same(crossed(value), value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.broadcast_to(np.float32(1), (2, 3)),
        np.zeros((0, 3)),
        np.zeros((3, 0, 2), bool),
        np.array(5.0),
        np.zeros((1,) * 16),
    ],
    ids=lambda array: f"{array.shape}-{array.strides}",
)
def test_views_and_odd_shapes_come_back_with_their_values(array: np.ndarray) -> None:
    got = crossed(array)
    assert same(got, np.ascontiguousarray(array).reshape(array.shape))
    assert got.flags.writeable
    assert got.flags.aligned


def test_big_endian_arrays_arrive_in_native_order() -> None:
    assert same(crossed(np.arange(3, dtype=">i4")), np.arange(3, dtype="<i4"))


def test_an_array_is_a_copy_and_not_the_senders_memory() -> None:
    array = np.zeros(4)
    got = crossed(array)
    got[:] = 1
    assert not array.any()


class Number(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Array(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        Number(1), Array((2,)), object(), int, len, np.float64, np.dtype("f8"), {1, 2}, range(3),
        bytearray(b""), memoryview(b""), np.longdouble(1), np.array(["a"]), np.array([None]),
        np.array([(1,)], dtype="i4,"), np.datetime64("2020-01-01"),
        np.ma.masked_array([1.0]), {10**30: 1}, type("Text", (str,), {})("x"), iter([]),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_exactly_plain_goes_to_the_hook_or_not_at_all(value: Any) -> None:
    with pytest.raises(NotPlain):
        crossed([value])
    seen: list[Any] = []

    def name(thing: Any) -> list[Any]:
        seen.append(thing)
        return ["h", 7]

    hooks = Hooks(encode=name, decode={"h": lambda items: ("handle", *items)})
    assert crossed([value, 1], hooks, hooks) == [("handle", 7), 1]
    assert seen[0] is value


def test_too_deep_too_long_or_too_large_a_value_is_not_sent() -> None:
    deep: Any = 1
    for _ in range(codec.MAX_DEPTH + 2):
        deep = [deep]
    loop: list[Any] = []
    loop.append(loop)
    for value in (deep, loop, 16 ** (codec.MAX_BIGINT_HEX + 1), "x" * codec.MAX_HEADER):
        with pytest.raises(NotPlain):
            codec.encode(value)


def test_the_deepest_value_that_is_sent_can_be_read() -> None:
    deep: Any = 1
    for _ in range(codec.MAX_DEPTH):
        deep = [deep]
    assert crossed(deep) == deep


# Rules of the decoder

BIG = 1 << 62
ONE = b"\0" * 16  # the body of one buffer of up to 16 bytes
BROKEN: dict[str, tuple[Any, ...]] = {
    "a bare list": ([],),
    "no tag": ([1, 2],),
    "an unknown tag": (["z", 1],),
    "a tag that is a list": ([["l"], []],),
    "a list of no list": (["l", 5],),
    "a list of two lists": (["l", [], []],),
    "a tuple without content": (["t"],),
    "a slice of two": (["x", [1, 2]],),
    "an ellipsis with content": (["e", 1],),
    "a dict of no pairs": (["d", [1]],),
    "a dict entry of three": (["d", [[1, 2, 3]]],),
    "a dict with a list as key": (["d", [[["l", []], 1]]],),
    "a dict with a tuple as key": (["d", [[["t", []], 1]]],),
    "a dict with an array as key": (["d", [[["a", "<f8", [2], 0], 1]]], (16,), ONE),
    "a dict with a large integer as key": (["d", [[["i", "f" * 40], 1]]],),
    "a dict with too many entries": (["d", [[i, 0] for i in range(codec.MAX_PAIRS + 1)]],),
    "an integer in decimals": (["i", 5],),
    "an integer that is no number": (["i", "xyz"],),
    "an integer of too many digits": (["i", "f" * (codec.MAX_BIGINT_HEX + 2)],),
    "an empty integer": (["i", ""],),
    "a complex number of integers": (["c", 1, 2],),
    "a complex number of one part": (["c", 1.0],),
    "bytes of no buffer": (["b", 0],),
    "bytes by a name": (["b", "0"],),
    "bytes of two buffers": (["b", 0, 1], (1, 1), ONE + ONE),
    "a scalar of objects": (["s", "|O", b"\0" * 8],),
    "a scalar of text": (["s", "<U1", b"\0" * 4],),
    "a scalar of a date": (["s", "<M8[s]", b"\0" * 8],),
    "a scalar too short": (["s", "<f8", b"\0" * 4],),
    "a scalar too long": (["s", "<f8", b"\0" * 9],),
    "a scalar of text content": (["s", "<f8", "12345678"],),
    "a scalar of an unhashable dtype": (["s", [], b"\0" * 8],),
    "an array of objects": (["a", "|O", [2], 0], (16,), ONE),
    "an array of records": (["a", "<f8,<f8", [1], 0], (16,), ONE),
    "an array of an unhashable dtype": (["a", ["<f8"], [2], 0], (16,), ONE),
    "an array of a dtype by number": (["a", 8, [2], 0], (16,), ONE),
    "an array of big-endian numbers": (["a", ">f8", [2], 0], (16,), ONE),
    "an array of long doubles": (["a", "<f16", [1], 0], (16,), ONE),
    "an array without index": (["a", "<f8", [2]], (16,), ONE),
    "an array larger than its buffer": (["a", "<f8", [3], 0], (16,), ONE),
    "an array smaller than its buffer": (["a", "<f8", [1], 0], (16,), ONE),
    "an array of huge claims": (["a", "<f8", [BIG], 0], (16,), ONE),
    "an array whose size overflows": (["a", "<f8", [1 << 30, 1 << 30, 1 << 4], 0], (), b""),
    "an array of a huge empty shape": (["a", "<f8", [1 << 39, 0], 0], (0,), b""),
    "an array of a negative shape": (["a", "<f8", [-1, -2], 0], (16,), ONE),
    "an array of a shape in floats": (["a", "<f8", [2.0], 0], (16,), ONE),
    "an array of a shape in bools": (["a", "<f8", [True, 2], 0], (16,), ONE),
    "an array of a shape that is no list": (["a", "<f8", 2, 0], (16,), ONE),
    "an array of a nested shape": (["a", "<f8", [[2]], 0], (16,), ONE),
    "an array of too many axes": (["a", "<f8", [1] * 17, 0], (8,), ONE),
    "an array of no buffer": (["a", "<f8", [0], 0], (), b""),
    "an array of buffer -1": (["a", "<f8", [2], -1], (16,), ONE),
    "an array of buffer True": (["a", "<f8", [2], True], (16, 16), ONE + ONE),
    "a buffer used twice": (["l", [["a", "<f8", [2], 0], ["a", "<f8", [2], 0]]], (16,), ONE),
    "sizes that do not add up": (None, (16, 16), ONE),
    "sizes that are huge": (None, (BIG,), ONE),
    "sizes that are negative": (None, (32, -16), ONE),
    "sizes that are floats": (None, (16.0,), ONE),
    "sizes that are bools": (None, (True,), ONE),
    "sizes that are no list": (None, 16, ONE),
    "a body without sizes": (None, (), ONE),
    "an extension type": (msgpack.ExtType(5, b"x"),),
    "a time stamp": (msgpack.Timestamp(1),),
    "a map": ({"a": 1},),
    "a map inside": (["l", [{"a": 1}]],),
    "a tensor without torch or of no dtype": (["T", "object", [2], 0], (16,), ONE),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_out_of_rule_is_a_protocol_error(broken: tuple[Any, ...]) -> None:
    with pytest.raises(ProtocolError) as caught:
        decoded(*broken)
    assert len(str(caught.value)) < 80  # it is shown: no room for what the sender wrote


@pytest.mark.parametrize(
    "header",
    [
        b"", b"\x91", b"\x90", b"\x93\xc0\x90\xc0", b"\xc0", b"\x92\xc0", b"\xc1",
        b"\x92\xc0\x90\xc0", b"\x92\xdd\xff\xff\xff\xff\x90", b"\x92\xdb\xff\xff\xff\xff\x90",
        b"\x92\xc6\xff\xff\xff\xff\x90", b"\x92\xa1\xff\x90", b"\x92\xdf\xff\xff\xff\xff\x90",
        b"\x92" * 5000, b"\x91" * 100_000, b"\x81" * 5000, b"\x92\xc9\xff\xff\xff\xff\x01\x90",
    ],
    ids=lambda header: header[:8].hex() or "nothing",
)  # fmt: skip
def test_malformed_headers_are_protocol_errors(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        codec.decode(header, memoryview(b""))


def test_a_tree_too_deep_or_with_too_many_items_is_refused() -> None:
    deep: Any = None
    for _ in range(codec.MAX_DEPTH + 1):
        deep = ["l", [deep]]
    with pytest.raises(ProtocolError):
        decoded(deep)
    many = ["l", [["l", [0] * 60_000] for _ in range(10)]]
    with pytest.raises(ProtocolError):
        decoded(many)


def test_bools_arrive_as_zero_or_one_whatever_was_sent() -> None:
    array = decoded(["a", "|b1", [3], 0], (3,), b"\x00\x02\xff" + bytes(13))
    assert array.tobytes() == b"\x00\x01\x01"
    assert decoded(["s", "|b1", b"\x07"]).tobytes() == b"\x01"
    assert type(crossed(np.array(True))) is np.ndarray


def test_only_the_receivers_own_tags_are_decoded() -> None:
    hooks = Hooks(encode=codec.PLAIN.encode, decode={"h": lambda items: items})
    assert decoded(["l", [["h", 1, 2]]], hooks=hooks) == [[1, 2]]
    with pytest.raises(ProtocolError):
        decoded(["r", 1], hooks=hooks)


def test_colliding_keys_cost_little() -> None:
    period = (1 << 61) - 1  # of the hash of integers
    small = [[k * period, 0] for k in range(-4, 5)]
    started = time.perf_counter()
    decoded(["l", [["d", small] for _ in range(2000)]])
    assert time.perf_counter() - started < 2


# Tensors


def test_tensors_come_back_without_their_graph() -> None:
    torch = pytest.importorskip("torch")
    for dtype in codec.TENSOR_DTYPES:
        tensor = torch.ones((2, 3), dtype=getattr(torch, dtype))
        got = crossed(tensor)
        assert type(got) is torch.Tensor
        assert got.dtype == tensor.dtype
        assert torch.equal(got, tensor)
    parameter = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3).T)
    got = crossed(parameter * 2)
    assert not got.requires_grad
    assert torch.equal(got, parameter.detach() * 2)
    assert crossed(torch.tensor([1 + 2j]).conj()).item() == 1 - 2j
    assert crossed(torch.zeros((0, 3))).shape == (0, 3)


def test_tensors_of_other_kinds_do_not_go_by_value() -> None:
    torch = pytest.importorskip("torch")

    class Own(torch.Tensor):
        pass

    for tensor in (torch.eye(2).to_sparse(), torch.ones(2).as_subclass(Own)):
        with pytest.raises(NotPlain):
            crossed(tensor)
