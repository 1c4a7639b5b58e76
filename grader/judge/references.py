"""What crosses the wire by name, as the judge sees it: objects, functions, generators, dtypes."""

from __future__ import annotations

import builtins
import hashlib
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.judge.callbacks import Callback
from grader.judge.proxy import Remote
from grader.testing.failure import expected_is_revealed
from grader.text import safe_text
from grader.wire.codec import Hooks, NotPlain, ProtocolError

_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, np.ufunc)


# Classes of Python and numpy whose names say what a student gave back by mistake.
_COMMON = frozenset(name for name, thing in vars(builtins).items() if isinstance(thing, type)) | {
    "generator", "function", "method", "builtin_function_or_method", "module", "coroutine",
    "dict_keys", "dict_values", "dict_items", "list_iterator", "ndarray", "matrix", "MaskedArray",
    "Generator", "RandomState", "ufunc", "dtype", "str_", "longdouble", "Tensor", "Parameter",
}  # fmt: skip


def _shown_class(name: str) -> str:
    """The name of a class, if it may be shown: a made-up one could hold hidden inputs."""
    return safe_text(name, 60) if expected_is_revealed() or name in _COMMON else "object"


class References:
    """The judge's half of the hooks: numbers its functions, makes a Remote of a handle."""

    def __init__(self, make_remote: Callable[[int, str], Any]) -> None:
        self._functions: list[Callback] = []
        self._make_remote = make_remote
        self.hooks = Hooks(encode=self._encode, decode={"h": self._handle})

    def function(self, number: Any) -> Callback:
        if type(number) is not int or not 0 <= number < len(self._functions):
            raise ProtocolError("a function that was not handed over was called")
        return self._functions[number]

    def _handle(self, items: list[Any]) -> Any:
        if len(items) != 3 or type(items[0]) is not int or type(items[1]) is not str:
            raise ProtocolError("malformed reference")
        return self._make_remote(items[0], _shown_class(items[1]))

    def _encode(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["r", value._remote_number]
        if isinstance(value, np.random.Generator):
            return _generator(value)
        if isinstance(value, _FUNCTIONS):
            self._functions.append(Callback(value))
            return ["f", len(self._functions) - 1, value.__name__]
        if isinstance(value, np.dtype) or (
            isinstance(value, type) and issubclass(value, np.generic)
        ):
            return ["D", np.dtype(value).str]
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Generator):
            return ["G", _torch_generator(torch, value)]
        if torch is not None and isinstance(value, torch.dtype):
            return ["E", str(value).removeprefix("torch.")]
        raise NotPlain(f"a test cannot send a {type(value).__name__} to the student's code")


def _generator(value: np.random.Generator) -> list[Any]:
    """The state of a generator seeded by the digest of this one's."""
    numbers = _numbers(value)
    fresh = np.random.default_rng(_one_way(repr(numbers).encode()))
    return ["g", *(format(number, "x") for number in _numbers(fresh))]


def _numbers(value: np.random.Generator) -> tuple[int, ...]:
    state: Any = value.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotPlain("only generators of np.random.default_rng can be sent")
    inner = state["state"]
    return inner["state"], inner["inc"], state["has_uint32"], state["uinteger"]


def _torch_generator(torch: Any, value: Any) -> bytes:
    """As `_generator`; a state of torch's would hold the very seed."""
    fresh = torch.Generator().manual_seed(_one_way(bytes(value.get_state().numpy())))
    return bytes(fresh.get_state().numpy())


def _one_way(state: bytes) -> int:
    """A seed below 2^63 that equal states share and from which none can be had.

    A generator can be wound back: whoever held the test's own could draw its hidden labels again.
    """
    return int.from_bytes(hashlib.sha256(b"sent " + state).digest()[:8], "big") >> 1
