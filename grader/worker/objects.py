"""What cannot travel by value stays here under a number; the judge holds the number.

Functions of the student's module it names without having asked for them. The other way round,
generators of random numbers arrive as a state and the judge's functions as stubs that call back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from grader.wire.codec import Hooks, NotPlain, ProtocolError

MAX_OBJECTS = 100_000
MAX_NAMES = 1 << 16  # characters of the names of functions, all in all; the judge reads no more
_NAMES_OF: Callable[[ModuleType], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__


class ObjectTable:
    """Numbers for the student's objects, and the hooks with which the wire names them."""

    def __init__(self, call_back: Callable[[int, list[Any], dict[str, Any]], Any]) -> None:
        self._objects: dict[int, Any] = {}
        self._names: dict[str, Any] = {}  # of the student's module
        self._pinned: dict[str, Any] = {}  # what was of these names before the judge set them
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
        self._names, self._pinned = {}, {}

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
                return self._pinned.get(items[0]) or self._names.get(items[0])
            return self._objects[items[0]]
        except (KeyError, IndexError) as err:
            raise ProtocolError("an object that is not held was named") from err

    def name_functions(self, module: ModuleType) -> str:
        """The names of the module's functions, by which the judge may refer to them from now on.

        No code of the module's runs for it, now or later, whatever it has made of itself.
        """
        self._names, self._pinned = _NAMES_OF(module), {}
        found = ""
        for name, value in list(self._names.items()):
            if type(value) is FunctionType and type(name) is str and name.isidentifier():
                if len(found) + len(name) >= MAX_NAMES:
                    break
                found += f"{name} "
        return found

    def pin(self, name: str) -> None:
        """The judge sets `name` in the module: what it refers to by that name stays what it was."""
        if name not in self._pinned:
            self._pinned[name] = self._names.get(name)

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
