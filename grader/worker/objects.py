"""What cannot travel by value stays here under a number; the judge holds the number.

Functions of the student's module it names without having asked for them. The other way round,
generators of random numbers arrive as a state and the judge's functions as stubs that call back.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.wire.codec import Hooks, NotPlain, ProtocolError

MAX_OBJECTS = 100_000


class ObjectTable:
    """Numbers for the student's objects, and the hooks with which the wire names them."""

    def __init__(self, call_back: Callable[[int, list[Any], dict[str, Any]], Any]) -> None:
        self._objects: dict[int, Any] = {}
        self.module: types.ModuleType | None = None  # the student's
        self._call_back = call_back
        self.hooks = Hooks(
            encode=self._encode,
            decode={
                "r": self._reference,
                "f": self._function,
                "g": self._generator,
                "G": self._torch_generator,
                "D": self._dtype,
                "E": self._torch_dtype,
            },
        )

    def clear(self) -> None:
        self._objects.clear()

    def keep(self, value: Any) -> int:
        number = len(self._objects) + 1
        if number > MAX_OBJECTS:
            raise NotPlain("too many objects are held for this test")
        self._objects[number] = value
        return number

    def _encode(self, value: Any) -> list[Any]:
        kind = type(value)
        return ["h", self.keep(value), str(kind.__name__)[:100], callable(value)]

    def _reference(self, items: list[Any]) -> Any:
        try:
            if type(items[0]) is str:
                return getattr(self.module, items[0], None)
            return self._objects[items[0]]
        except (KeyError, IndexError) as err:
            raise ProtocolError("an object that is not held was named") from err

    def functions(self) -> list[str]:
        """The names of the module's functions, by which the judge may refer to them."""
        names = () if self.module is None else self.module.__dict__.items()
        return [name for name, value in names if type(value) is types.FunctionType]

    def _function(self, items: list[Any]) -> Callable[..., Any]:
        number = items[0]

        def function(*args: Any, **kwargs: Any) -> Any:
            return self._call_back(number, list(args), kwargs)

        function.__name__ = function.__qualname__ = str(items[1])
        return function

    def _generator(self, items: list[Any]) -> np.random.Generator:
        state, increment, has_uint32, uinteger = (int(text, 16) for text in items)
        bits = np.random.PCG64()
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": increment},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }
        return np.random.Generator(bits)

    def _torch_generator(self, items: list[Any]) -> Any:
        torch = sys.modules["torch"]
        generator = torch.Generator()
        generator.set_state(torch.frombuffer(bytearray(items[0]), dtype=torch.uint8))
        return generator

    def _dtype(self, items: list[Any]) -> Any:
        return np.dtype(items[0]).type

    def _torch_dtype(self, items: list[Any]) -> Any:
        return getattr(sys.modules["torch"], items[0])
