"""Describes a value in a few words for a student: bounded in length, escaped, never run.

No method of the value is called, and an object that is no known plain type is named by its class
only. What is described is what came back: never pass an expected value of a hidden test to
`describe`, use `describe_expected`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.testing.failure import expected_is_revealed
from grader.testing.values import (
    KIND_WORDS,
    Numbers,
    is_numpy_number,
    is_tensor,
    read_numbers,
    tensor_dtype,
)
from grader.text import safe_text

MAX_TEXT = 60  # characters of a student's string or class name that are shown
_COLLECTIONS: dict[type, str] = {list: "list", tuple: "tuple", dict: "dict"}


def describe(value: Any) -> str:
    """Words for a value that came back: "an array of shape (5, 3), float64", "the number 0.5"."""
    if value is None:
        return "None"
    if type(value) in (bool, np.bool_):
        return str(bool(value))
    if type(value) is int:
        return f"the number {short_number(value)}"
    if type(value) in (float, complex) or is_numpy_number(value):
        return f"the number {short_number(value)}"
    if type(value) is str:
        return f"the string {short_text(value)}"
    if type(value) is bytes:
        return f"bytes of length {len(value)}"
    return _describe_collection(value)


def _describe_collection(value: Any) -> str:
    if type(value) is np.ndarray:
        return f"an array of shape {shape_words(value.shape)}, {escape(str(value.dtype))}"
    if is_tensor(value):
        return f"a tensor of shape {shape_words(tuple(value.shape))}, {tensor_dtype(value)}"
    if type(value) in _COLLECTIONS:
        name, size = _COLLECTIONS[type(value)], len(value)
        if size == 0:
            return f"an empty {name}"
        plural = "" if size == 1 else "s"
        if name == "dict":
            return f"a dict of {size} item{plural}"
        return f"a {name} of {size} {_items_word(value)}{plural}"
    return f"an object of class {class_name(value)}"


def _items_word(items: Any) -> str:
    if any(read_numbers(item) is None for item in items[:20]):
        return "string" if all(type(item) is str for item in items[:20]) else "item"
    if any(type(item) is np.ndarray and item.ndim for item in items[:20]):
        return "array"
    return "tensor" if is_tensor(items[0]) else "number"


def class_name(value: object) -> str:
    """The class's name; for a handle to an object in the worker, that object's class."""
    try:
        name = object.__getattribute__(value, "_remote_type")
    except Exception:
        name = None
    if type(name) is not str:
        name = type(value).__name__
    return escape(name)


def describe_expected(expected: Any, *, revealed: bool) -> str:
    """Words for an expected value: its type and shape; the value itself only where `revealed`."""
    numbers = read_numbers(expected)
    if numbers is not None:
        if not numbers.shape and numbers.container == "number":
            return f"the number {short_number(expected)}" if revealed else number_word(numbers)
        return array_words(numbers)
    if expected is None or revealed:
        return describe(expected)
    if type(expected) is str:
        return "a certain string"
    return describe(expected)


def number_word(numbers: Numbers) -> str:
    """ "a number", "a whole number", "True or False": a scalar in words."""
    words = {"b": "True or False", "i": "a whole number", "c": "a complex number"}
    return words.get(numbers.kind, "a number")


def array_words(numbers: Numbers) -> str:
    """ "an array of shape (5, 3), float"."""
    noun = "a tensor" if numbers.container == "tensor" else "an array"
    return f"{noun} of shape {shape_words(numbers.shape)}, {KIND_WORDS[numbers.kind]}"


def shape_words(shape: tuple[int | None, ...]) -> str:
    """ "(5, 3)"; a free axis (None) is written "any".

    In a hidden test an empty array's shape could hold an input: three axes of four digits there.
    """
    most = 8 if expected_is_revealed() else 3
    if len(shape) > most:
        return f"({', '.join(map(_axis_words, shape[:most]))}, ...) with {len(shape)} axes"
    inner = ", ".join(map(_axis_words, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def _axis_words(n: int | None) -> str:
    if n is None:
        return "any"
    return str(n) if expected_is_revealed() or n < 10_000 else "10000 or more"


def short_number(value: Any, digits: int = 4) -> str:
    """A number with `digits` significant digits; whole numbers in full up to 15 digits.

    Not in a hidden test, where a submission could write an input in them.
    """
    if type(value) is int or (isinstance(value, np.integer) and is_numpy_number(value)):
        whole = int(value)
        if abs(whole) < (10**15 if expected_is_revealed() else 10**digits):
            return str(whole)
        if abs(whole) < 10**15:
            return f"{whole:.{digits}g}"
        return f"of about {max(1, round(whole.bit_length() * math.log10(2)))} digits"
    item = value.item() if type(value) is np.ndarray or is_numpy_number(value) else value
    if type(item) is bool:
        return str(item)
    if type(item) is int:
        return short_number(item, digits)
    words = f"{item:.{digits}g}"
    return "0" if words == "-0" else words


def short_text(text: str) -> str:
    """A quoted, escaped string of at most about `MAX_TEXT` characters."""
    return repr(text) if len(text) <= MAX_TEXT else repr(text[:MAX_TEXT]) + "..."


def escape(text: str) -> str:
    """Unsafe characters (control, bidi, surrogates) as escapes, cut at `MAX_TEXT`."""
    return safe_text(text, MAX_TEXT)
