"""Exact assertions: equal plain values, an argument left unchanged, an exception raised.

The same promise as `asserts`: whatever came back, only `CheckFailed` is raised about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.testing.compare import first_difference
from grader.testing.describe import describe, describe_expected, escape
from grader.testing.diagnose import find_mistake
from grader.testing.failure import expected_is_revealed, fail
from grader.testing.values import Numbers, is_tensor, read_numbers

MAX_DEPTH = 20


@dataclass(frozen=True, kw_only=True)
class _Mismatch:
    """The first place where two values differ: its path ("[2]['a']") and words for it."""

    path: str
    expected: str
    got: str
    index: tuple[int, ...] | None = None
    values: tuple[Numbers, Numbers] | None = None


def assert_equal(
    actual: Any,
    expected: Any,
    *,
    what: str,
    mistakes: Mapping[str, Any] | None = None,
    hint: str | None = None,
) -> None:
    """Equal in type and value: None, bool, int, float, str, bytes, arrays, lists, tuples, dicts.

    True is not 1 and 1 is not 1.0; numpy's own scalars are taken for the Python numbers. Arrays
    and tensors agree in shape, kind and every element. Raises CheckFailed about the student's
    value, TypeError where `expected` holds anything else.
    """
    mismatch = _find_mismatch(actual, expected, "", 0)
    if mismatch is None:
        return
    mistake = _mistake(actual, mismatch, mistakes)
    where = f" at {mismatch.path}" if mismatch.path else ""
    fail(
        what=f"{what}{where}",
        expected=mismatch.expected,
        got=mismatch.got,
        mistake=mistake,
        hint=hint,
        index=mismatch.index,
    )


def _mistake(actual: Any, mismatch: _Mismatch, mistakes: Mapping[str, Any] | None) -> str | None:
    for words, wrong in (mistakes or {}).items():
        try:
            if _find_mismatch(actual, wrong, "", 0) is None:
                return words
        except TypeError:
            continue
    if mismatch.values is None:
        return None
    given, wanted = mismatch.values
    return find_mistake(given.array, wanted.array, 0.0, 0.0)


def _find_mismatch(actual: Any, expected: Any, path: str, depth: int) -> _Mismatch | None:
    if depth > MAX_DEPTH:
        return _Mismatch(path=path, expected="fewer levels of nesting", got="too many levels")
    wanted = read_numbers(expected)
    if wanted is not None:
        return _number_mismatch(actual, expected, wanted, path)
    if type(expected) in (list, tuple):
        return _sequence_mismatch(actual, expected, path, depth)
    if type(expected) is dict:
        return _dict_mismatch(actual, expected, path, depth)
    if expected is not None and type(expected) not in (str, bytes):
        raise TypeError(f"assert_equal cannot expect {describe(expected)}")
    if type(actual) is type(expected) and actual == expected:
        return None
    return _differ(actual, expected, path)


def _differ(actual: Any, expected: Any, path: str) -> _Mismatch:
    words = describe_expected(expected, revealed=expected_is_revealed())
    return _Mismatch(path=path, expected=words, got=describe(actual))


def _number_mismatch(actual: Any, expected: Any, wanted: Numbers, path: str) -> _Mismatch | None:
    given = read_numbers(actual)
    if given is None or given.kind != wanted.kind or is_tensor(actual) != is_tensor(expected):
        return _differ(actual, expected, path)
    if type(actual) is int and type(expected) is int:
        return None if actual == expected else _differ(actual, expected, path)
    if given.shape != wanted.shape:
        differ = _differ(actual, expected, path)
        return _Mismatch(
            path=path, expected=differ.expected, got=differ.got, values=(given, wanted)
        )
    difference = first_difference(given.array, wanted.array, 0.0, 0.0)
    if difference is None:
        return None
    revealed = expected_is_revealed()
    return _Mismatch(
        path=path,
        expected=describe_expected(expected, revealed=revealed),
        got=difference.words(revealed=revealed) if wanted.shape else describe(actual),
        index=difference.index or None,
        values=(given, wanted) if wanted.shape else None,
    )


def _sequence_mismatch(actual: Any, expected: Any, path: str, depth: int) -> _Mismatch | None:
    if type(actual) is not type(expected) or len(actual) != len(expected):
        return _Mismatch(path=path, expected=describe(expected), got=describe(actual))
    for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
        mismatch = _find_mismatch(a, e, f"{path}[{i}]", depth + 1)
        if mismatch is not None:
            return mismatch
    return None


def _dict_mismatch(actual: Any, expected: Any, path: str, depth: int) -> _Mismatch | None:
    if type(actual) is not dict or len(actual) != len(expected):
        return _Mismatch(path=path, expected=describe(expected), got=describe(actual))
    plain = {(type(k), k): v for k, v in actual.items() if type(k) in _KEY_TYPES}
    for key, e in expected.items():
        if (type(key), key) not in plain:
            shown = repr(key) if expected_is_revealed() else "that is asked for"
            return _Mismatch(path=path, expected=f"a key {shown}", got="a dict without it")
        mismatch = _find_mismatch(plain[type(key), key], e, f"{path}[{key!r}]", depth + 1)
        if mismatch is not None:
            return mismatch
    return None


_KEY_TYPES = (str, int, float, bool, bytes, type(None))


def assert_unchanged(before: Any, after: Any, *, what: str, hint: str | None = None) -> None:
    """`after`, the argument as it is in the worker after the call, is still `before`.

    Arrays, tensors, numbers, strings and lists, tuples and dicts of these; NaN in the same place
    counts as unchanged. Raises CheckFailed.
    """
    if not _unchanged(before, after, 0):
        fail(
            what=what,
            expected="an argument that the call leaves as it was",
            got="an argument that was changed in place",
            hint=hint or f"Work on a copy: {_copy_of(before)}.",
        )


def _copy_of(value: Any) -> str:
    """How a copy is made: of a tensor, or the first tensor in a list of arguments, by clone()."""
    parts = value if type(value) in (list, tuple) else [value]
    return "x = x.clone()" if any(is_tensor(part) for part in parts) else "x = x.copy()"


def _unchanged(before: Any, after: Any, depth: int) -> bool:
    if depth > MAX_DEPTH or type(before) is not type(after):
        return False
    first, second = read_numbers(before), read_numbers(after)
    if first is not None:
        return (
            second is not None
            and first.dtype == second.dtype
            and bool(np.array_equal(first.array, second.array, equal_nan=first.kind in "fc"))
        )
    if type(before) in (list, tuple):
        return len(before) == len(after) and all(
            _unchanged(b, a, depth + 1) for b, a in zip(before, after, strict=True)
        )
    if type(before) is dict:
        return _unchanged(list(before), list(after), depth + 1) and _unchanged(
            list(before.values()), list(after.values()), depth + 1
        )
    if before is not None and type(before) not in (str, bytes):
        raise TypeError(f"assert_unchanged cannot compare {describe(before)}")
    return bool(before == after)


@contextmanager
def assert_raises(*type_names: str, what: str, hint: str | None = None) -> Iterator[None]:
    """The student's code raises one of these exceptions (class names), or a subclass of one.

    Only an exception of the student's own code counts, not a timeout, a crash or a submission
    that cannot be loaded. Without names any exception will do. NotImplementedError, which an
    unfinished starter raises, counts only where it is named. Raises CheckFailed.
    """
    words = f"{' or '.join(type_names)} raised" if type_names else "an exception raised"
    try:
        yield
    except Exception as err:
        names = _exception_names(err)
        if not names:
            raise
        unfinished = names[0] == "NotImplementedError" and names[0] not in type_names
        if not unfinished and (not type_names or any(name in names for name in type_names)):
            return
        fail(what=what, expected=words, got=f"{escape(names[0])} raised", hint=hint)
    fail(what=what, expected=words, got="no exception", hint=hint)


def _exception_names(err: Exception) -> tuple[str, ...]:
    """The class name and its bases' of an exception of student code, else nothing.

    The judge's `StudentFault` is known by its `fault`: this package must not import the judge.
    """
    fault = getattr(err, "fault", None)
    if fault is None or type(err).__name__ != "StudentFault":
        return ()
    return (fault.type, *fault.bases)
