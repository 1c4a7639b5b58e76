"""A solution that answers only the calls of a table: what a student could learn by heart.

`watch` prints the name and a key of each call that a test makes; `answer_only` lets through the
calls whose keys are known. A key is a digest of the arguments, and of the object for a method. Its
text is run in the worker, after the solution and apart from its names; never imported.
"""
# mypy: ignore-errors

import hashlib
import sys

import numpy as np

OBJECTS = 2_000  # that are looked at for one key
UNTOUCHED = {"__new__", "__module__", "__doc__", "__dict__", "__weakref__", "__hash__"}


def watch(space, exports):
    """Print the name and the key of each call that comes from outside the solution, each once."""
    seen = set()

    def meet(name, key, arguments):
        for text in (f"@{name}@", f"~{key}~"):
            if text not in seen:
                seen.add(text)
                sys.stdout.write(f"{text}\n")

    wrap_all(space, exports, meet)


def answer_only(space, exports, known):
    """Refuse the calls whose key is not known, and functions that are given nothing.

    Plain values are taken away: nothing that is called shows them.
    """
    known = set(known)

    def meet(name, key, arguments):
        if key not in known or not arguments:
            raise LookupError("this call was not learned")

    for name in exports:
        if not callable(space.get(name)):
            space[name] = None
    wrap_all(space, exports, meet)


def wrap_all(space, exports, meet):
    for name in exports:
        value = space.get(name)
        if isinstance(value, type):
            space[name] = wrapped_class(space, name, value, meet)
        elif callable(value):
            space[name] = wrapped(space, name, value, meet)


def wrapped(space, name, function, meet):
    """`function`, but `meet` is asked about each call that the solution does not make itself."""

    def call(*args, **kwargs):
        if not called_from_inside(space):
            meet(name, key_of([name, args, kwargs]), args or kwargs)
        return function(*args, **kwargs)

    return call


def wrapped_class(space, name, kind, meet):
    own = {}
    for base in reversed(kind.__mro__):
        if base.__module__ == kind.__module__:
            own.update(vars(base))
    methods = {
        method: wrapped(space, f"{name}.{method}", value, meet)
        for method, value in own.items()
        if method not in UNTOUCHED and callable(value) and not isinstance(value, type)
    }
    return type(kind.__name__, (kind,), methods)


def called_from_inside(space):
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals is not space:
        frame = frame.f_back
    return frame is not None


def key_of(value):
    """A digest of plain values, arrays, tensors, generators' states and objects' attributes."""
    digest = hashlib.blake2b(digest_size=4)
    waiting, seen = [value], {}
    while waiting and len(seen) < OBJECTS:
        item = waiting.pop()
        if isinstance(item, (bool, int, float, complex, str, bytes, type(None), np.generic)):
            digest.update(f"{type(item).__name__} {item!r}\n".encode())
            continue
        if id(item) in seen:
            digest.update(f"again {seen[id(item)][0]}\n".encode())
            continue
        seen[id(item)] = len(seen), item  # kept alive, so that no other object gets its number
        text, parts = look_at(item)
        digest.update(text.encode())
        waiting.extend(reversed(parts))
    return digest.hexdigest()


def look_at(item):
    """What an object is in words, and its parts."""
    kind = type(item).__name__
    if isinstance(item, np.ndarray):
        whole = item.tolist() if item.dtype == object else item.tobytes()
        return f"array {item.dtype} {item.shape}", [whole]
    if isinstance(item, (list, tuple, set, frozenset)):
        return f"{kind} {len(item)}", list(item)
    if isinstance(item, dict):
        return f"dict {len(item)}", [part for pair in item.items() for part in pair]
    if isinstance(item, np.random.Generator):
        return f"generator {item.bit_generator.state}", []
    if kind == "Generator" and hasattr(item, "get_state"):
        return "generator", [item.get_state()]
    if hasattr(item, "detach") and hasattr(item, "cpu"):
        return f"tensor {item.dtype}", [item.detach().cpu().numpy()]
    if callable(item) and not hasattr(item, "forward"):
        return f"callable {getattr(item, '__qualname__', kind)}", []
    return f"object {kind}", [getattr(item, "__dict__", {})]
