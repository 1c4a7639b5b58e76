"""What crosses the wire by name, as the judge sees it: objects, functions, generators, dtypes."""

from __future__ import annotations

import builtins
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
            return ["G", bytes(value.get_state().numpy())]
        if torch is not None and isinstance(value, torch.dtype):
            return ["E", str(value).removeprefix("torch.")]
        raise NotPlain(f"a test cannot send a {type(value).__name__} to the student's code")


def _generator(value: np.random.Generator) -> list[Any]:
    state: Any = value.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotPlain("only generators of np.random.default_rng can be sent")
    inner = state["state"]
    numbers = (inner["state"], inner["inc"], state["has_uint32"], state["uinteger"])
    return ["g", *(format(number, "x") for number in numbers)]
