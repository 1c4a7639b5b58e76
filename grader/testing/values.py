"""Reads a value that came from a submission: which exact plain type it is, its numbers as numpy.

It must not run anything that a student could have written: no `==`, no truth value, no method of
an object whose exact type is not known here. torch is used only where it is already imported.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

KIND_GROUPS = {"b": "b", "i": "i", "u": "i", "f": "f", "c": "c"}
KIND_WORDS = {"b": "bool", "i": "integer", "f": "float", "c": "complex"}
_PYTHON_NUMBERS = (bool, int, float, complex)


@dataclass(slots=True)  # frozen, it takes three times as long to make
class Numbers:
    """A number, array or tensor as an ndarray; `kind` is one of b, i, f, c.

    `container` is "number", "array" or "tensor"; an array of shape () counts as a number. `dtype`
    tells two types of one container apart, and is not for people.
    """

    array: Array
    kind: str
    container: str
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


def is_tensor(value: object) -> bool:
    """Whether this is exactly a `torch.Tensor`, no subclass."""
    torch = sys.modules.get("torch")
    return torch is not None and type(value) is getattr(torch, "Tensor", None)


def is_numpy_number(value: object) -> bool:
    """Whether this is exactly one of numpy's own number scalars (float64, int32, bool_ ...)."""
    kind = type(value)
    return (
        issubclass(kind, np.generic)
        and np.dtype(kind).kind in KIND_GROUPS
        and (kind is np.dtype(kind).type)
    )


def read_numbers(value: object) -> Numbers | None:
    """The numbers of an exact plain number, array or tensor, or None for anything else.

    Arrays of objects, dates, strings or records are None. A Python integer beyond 64 bits is
    read as a float (perhaps inf).
    """
    if type(value) is np.ndarray:
        return _from_array(value, "array" if value.ndim else "number")
    if type(value) in _PYTHON_NUMBERS:
        return _from_array(_python_number(value), "number")
    if is_numpy_number(value):
        return _from_array(np.asarray(value), "number")
    if is_tensor(value):
        array = tensor_to_numpy(value)
        return None if array is None else _from_array(array, "tensor", tensor_dtype(value))
    return None


def _python_number(value: Any) -> Array:
    if type(value) is int and not -(2**63) <= value < 2**64:
        try:
            return np.asarray(float(value))
        except OverflowError:
            return np.asarray(np.inf if value > 0 else -np.inf)
    return np.asarray(value)


def _from_array(array: Array, container: str, dtype: str | None = None) -> Numbers | None:
    kind = KIND_GROUPS.get(array.dtype.kind)
    if kind is None:
        return None
    name = dtype if dtype is not None else array.dtype.str
    return Numbers(array, kind, container, name)


def tensor_to_numpy(tensor: Any) -> Array | None:
    """The tensor's values as an array, or None where it has no readable dense values.

    Kinds that numpy lacks (bfloat16) become float32.
    """
    try:
        dense = tensor.detach().to_dense() if tensor.layout is not _strided() else tensor.detach()
        dense = dense.cpu().resolve_conj().resolve_neg()
        if dense.dtype.is_floating_point and dense.dtype.itemsize < 4:
            dense = dense.float()
        array = dense.numpy()
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        return None
    return array if type(array) is np.ndarray else None


def _strided() -> Any:
    return sys.modules["torch"].strided


def tensor_dtype(tensor: Any) -> str:
    """ "float32" for a tensor of torch.float32."""
    return str(tensor.dtype).removeprefix("torch.")
