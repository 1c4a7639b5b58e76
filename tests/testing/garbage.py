"""Values of the kinds a submission can return where a number or an array is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np


class Hostile:
    """Answers every question in the student's favour, or explodes."""

    __array_ufunc__ = None

    def __eq__(self, other: object) -> Any:
        raise RuntimeError("student code ran")

    __hash__ = None  # type: ignore[assignment]
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__  # type: ignore[assignment]
    __bool__ = __len__ = __iter__ = __float__ = __int__ = __array__ = __repr__ = __str__ = (
        lambda self, *a, **k: self == self
    )

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("student code ran")


class HostileArray(np.ndarray):
    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return True


class HostileFloat(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class HostileString(str):
    __eq__ = HostileFloat.__eq__
    __hash__ = str.__hash__


class Remote:
    """As the judge's handle: knows its class name, refuses questions."""

    __slots__ = ("_remote_type",)

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_remote_type", name)

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the worker was asked")

    __bool__ = __eq__ = __len__ = __iter__ = __float__ = __array__ = (  # type: ignore[assignment]
        lambda self, *a, **k: self.asked
    )
    __hash__ = None  # type: ignore[assignment]


def make_garbage() -> list[Any]:
    """A fresh list: none of these is a plain number or a numeric array."""
    ragged = np.empty(2, dtype=object)
    ragged[:] = [[1.0], [1.0, 2.0]]
    return [
        None,
        "0.5",
        "\x1b[31m\u202egnp",
        b"\x00" * 1000,
        bytearray(b"x"),
        [],
        [1.0, 2.0],
        [[1.0], [2.0, 3.0]],
        (1.0,),
        {},
        {"a": 1.0},
        {1: Hostile()},
        {1.0, 2.0},
        range(3),
        (x for x in [1.0]),
        lambda x: x,
        print,
        type,
        Hostile(),
        Hostile,
        [Hostile()],
        Remote("Net"),
        [Remote("\x1b]0;x\x07" * 100)],
        np.array([None, 1.0], dtype=object),
        np.array(None, dtype=object),
        ragged,
        np.array(["a", "b"]),
        np.array([b"a"]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.array([1], dtype="timedelta64[s]"),
        np.datetime64("NaT"),
        np.str_("0.5"),
        np.zeros(3, dtype=[("a", "f8"), ("b", "i4")]),
        np.zeros(3, dtype=[("a", "f8")])[0],
        np.ones((2, 2)).view(HostileArray),
        np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        HostileFloat(1.0),
        HostileString("b"),
        np.float64,
        np.dtype("f8"),
        ...,
        NotImplemented,
        float,
        memoryview(b"abc"),
    ]


def make_odd_numbers() -> list[Any]:
    """Numbers and numeric arrays of unexpected kinds and sizes: readable, seldom right."""
    return [
        True,
        np.True_,
        10**400,
        -(10**400),
        10**5000,
        2**63,
        2**64,
        -(2**63) - 1,
        float("nan"),
        float("inf"),
        -float("inf"),
        1e308,
        5e-324,
        1 + 2j,
        complex("nan"),
        np.float16(0.5),
        np.longdouble("1e4000"),
        np.complex64(1j),
        np.uint64(2**64 - 1),
        np.array(0.5),
        np.array([0.5]),
        np.array([[0.5]]),
        np.array([]),
        np.empty((0, 3)),
        np.empty((3, 0)),
        np.full((5, 3), np.nan),
        np.full((5, 3), np.inf),
        np.full((5, 3), 1e308),
        np.zeros((5, 3), dtype=bool),
        np.zeros((5, 3), dtype=np.int8),
        np.zeros((5, 3), dtype=complex),
        np.zeros((5, 3), dtype=">f8"),
        np.zeros((3, 5)),
        np.zeros((5, 1)),
        np.zeros((5, 5)),
        np.zeros((1,) * 32),
        np.broadcast_to(np.float64(1), (10**6, 10**6)),
        np.broadcast_to(np.float64(1), (10**12,)),
        np.asfortranarray(np.zeros((5, 3))),
    ]
