"""Spoils one export of a solution: garbage comes back, whatever is asked.

Its text is run in the worker, after the solution and apart from its names; never imported.
"""
# mypy: ignore-errors

import numpy as np

MISSING, MISCALLED = "is missing", "takes no arguments"
UNTOUCHED = {"__new__", "__module__", "__doc__", "__dict__", "__weakref__", "__hash__", "__init__"}


class Anything:
    """An object that agrees with everyone."""

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __len__(self):
        return 3

    def __iter__(self):
        return iter([Anything(), Anything()])

    def __float__(self):
        return 1.0

    def __add__(self, other=None):
        return Anything()

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __matmul__ = __rmatmul__ = __pow__ = __neg__ = __getitem__ = __add__
    __hash__ = None


class AnyArray(np.ndarray):
    """An array that equals every other one."""

    def __eq__(self, other):
        return np.ones(3, dtype=bool)

    __hash__ = None


def some_tensor(**kind):
    """A tensor, in a homework that needs torch."""
    import torch

    kind = {key: getattr(torch, v) if key == "dtype" else v for key, v in kind.items()}
    return torch.ones(1, 2, 1, 3, **kind)


GARBAGE = {
    "None": lambda: None,
    "a text": lambda: "garbage",
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "True": lambda: True,
    "a complex number": lambda: 1j,
    "an array of another shape": lambda: np.ones((1, 2, 1, 3)),
    "an empty array": lambda: np.zeros(0),
    "an array of NaN": lambda: np.full((5, 3), np.nan),
    "an array of infinities": lambda: np.full(3, np.inf),
    "an array of objects": lambda: np.array([object(), None], dtype=object),
    "an array of texts": lambda: np.array(["a", "b"]),
    "a huge array": lambda: np.zeros((40_000, 1_000)),
    "a ragged list": lambda: [[1.0], [2.0, 3.0], "x"],
    "a dictionary": lambda: {"garbage": 1, "more": [None]},
    "a generator": lambda: (i for i in range(3)),
    "a function": lambda: lambda *args, **kwargs: None,
    "a class": lambda: Anything,
    "an object that equals everything": Anything,
    "an array that equals everything": lambda: np.zeros(3).view(AnyArray),
    "a tensor of another shape": lambda: some_tensor(requires_grad=True),
    "a tensor of NaN": lambda: some_tensor() * float("nan"),
    "a tensor of whole numbers": lambda: some_tensor(dtype="int8"),
}


def spoil(space, export, part, kind):
    """Replace `export` in the module's names; of a class its methods or its attributes."""
    value = space.get(export)
    if isinstance(value, type):
        space[export] = spoiled_class(value, part, kind)
    elif callable(value):
        space[export] = answer(kind)
    elif kind == MISSING:
        space.pop(export, None)
    else:
        space[export] = garbage(kind)


def garbage(kind):
    """Garbage of that kind, made anew."""
    return GARBAGE.get(kind, GARBAGE["None"])()


def answer(kind):
    """What stands in the place of a function."""
    if kind == MISCALLED:
        return lambda: None
    return lambda *args, **kwargs: garbage(kind)


def spoiled_class(kind_of_object, part, kind):
    """A subclass whose own methods, or attributes, are spoiled."""
    own = {}
    for base in reversed(kind_of_object.__mro__):
        if base.__module__ == kind_of_object.__module__:
            own.update(vars(base))
    spoiled = {}
    for name, value in own.items():
        if isinstance(value, property):
            spoiled[name] = property(answer(kind))
        elif isinstance(value, (staticmethod, classmethod)):
            spoiled[name] = staticmethod(answer(kind))
        elif name not in UNTOUCHED and callable(value):
            spoiled[name] = answer(kind)
    if part == "attributes":
        spoiled = {"__init__": start(kind_of_object, kind)}
    elif not spoiled:
        miscalled = kind == MISCALLED
        spoiled = {"__init__": answer(kind) if miscalled else start(kind_of_object, kind)}
    return type(kind_of_object.__name__, (kind_of_object,), spoiled)


def start(kind_of_object, kind):
    """A constructor that leaves garbage in every attribute."""

    def __init__(self, *args, **kwargs):
        kind_of_object.__init__(self, *args, **kwargs)
        for name in list(vars(self)):
            object.__setattr__(self, name, garbage(kind))

    return __init__
