"""`student` and the objects it gives out: they look like the student's, and are only names.

A Remote refuses `==`, `bool`, `hash`, `float` and the like: an object of the student's must not
answer a question of the test. All magic of the package is in this file.
"""

from __future__ import annotations

import ast
import functools
import inspect
import marshal
import textwrap
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from grader.errors import CourseError
from grader.judge.outcomes import MissingName, MisusedValue, StudentFault
from grader.testing.describe import describe, short_text
from grader.testing.failure import expected_is_revealed

MAX_LITERAL = 12  # characters of a number that is shown as written


class Asks(Protocol):
    """What a proxy needs of a conversation: one request, answered by a value, and a clock.

    `answered` says whether the test had anything of the student's code.
    """

    answered: bool

    def ask(self, kind: str, payload: list[Any], called: str | None = None) -> Any: ...

    def processor_s(self) -> float: ...


def _refused(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Any, *_: Any) -> NoReturn:
        raise MisusedValue(
            f"{self._remote_path} gave an object of class {self._remote_type} where a plain value "
            "(a number, an array, a list) is needed"
        )

    refuse.__name__ = name
    return refuse


def _operator(name: str) -> Callable[..., Any]:
    def forward(self: Any, *operands: Any) -> Any:
        path = f"{self._remote_path} {name} ..."
        return self._remote_ask("operate", [name, [self, *operands]], path)

    return forward


def _reflected(name: str) -> Callable[..., Any]:
    def reflect(self: Any, other: Any) -> Any:
        path = f"... {name} {self._remote_path}"
        return self._remote_ask("operate", [name, [other, self]], path)

    return reflect


class Remote:
    """One object in the worker, by its number, or a function of the student's module by its name.

    Where the student's own code gives the name to another function, it is that one from then on.
    """

    __slots__ = ("_remote_conversation", "_remote_number", "_remote_path", "_remote_type")
    __array_ufunc__ = None  # numpy leaves `array @ remote` to us
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, conversation: Asks, number: int | str, type_name: str, path: str) -> None:
        put = object.__setattr__
        put(self, "_remote_conversation", conversation)
        put(self, "_remote_number", number)
        put(self, "_remote_type", type_name)
        put(self, "_remote_path", path)

    def _remote_ask(self, kind: str, payload: list[Any], path: str) -> Any:
        value = self._remote_conversation.ask(kind, payload, path)
        if type(value) is Remote:
            object.__setattr__(value, "_remote_path", path)
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._remote_ask("get", [self, name], f"{self._remote_path}.{name}")
        except StudentFault as err:
            missing = f"{self._remote_path} (a {self._remote_type}) has no attribute {name}"
            raise _missing(err, missing) from err

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote_ask("set", [self, name, value], f"{self._remote_path}.{name} = ...")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        path = call_text(self._remote_path, args, kwargs)
        return self._remote_ask("call", [self, list(args), kwargs], path)

    def __repr__(self) -> str:
        return f"<{self._remote_path}: an object of class {self._remote_type}>"

    for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "matmul", "pow"):
        locals()[f"__{_name}__"] = _operator(_name)
        locals()[f"__r{_name}__"] = _reflected(_name)
    for _name in ("neg", "pos", "abs", "getitem", "setitem"):
        locals()[f"__{_name}__"] = _operator(_name)
    for _name in (
        "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__float__",
        "__int__", "__index__", "__complex__", "__len__", "__iter__", "__contains__", "__round__",
        "__array__", "__str__", "__bytes__", "__format__",
    ):  # fmt: skip
        locals()[_name] = _refused(_name)
    del _name


class Student:
    """The student's module, as tests see it."""

    def __init__(self, conversation: Asks, functions: frozenset[str] = frozenset()) -> None:
        self._conversation = conversation
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._functions:  # the worker need not be asked for what it is
            self._conversation.answered = True
            return Remote(self._conversation, name, "function", name)
        try:
            value = self._conversation.ask("get", [None, name], name)
        except StudentFault as err:
            raise (MissingName(name) if err.fault.type == "AttributeError" else err) from err
        if type(value) is Remote:
            object.__setattr__(value, "_remote_path", name)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            self._functions -= {name}  # from now on; those that the test holds stay what they are
            self._conversation.ask("set", [None, name, value], f"{name} = ...")

    def has(self, name: str) -> bool:
        """Whether the module has `name`."""
        return self._conversation.ask("has", [None, name]) is True

    def run(self, probe: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run the module-level function `probe(student, *args, **kwargs)` in the worker.

        Its code is shipped: it is self-contained, holds no expected value and no secret.
        """
        name = getattr(probe, "__name__", "")
        payload = [probe_code(probe), name, list(args), kwargs]
        return self._conversation.ask("run", payload, name.replace("_", " ").strip())

    def processor_s(self) -> float:
        """Seconds of processor time that the student's process has used so far.

        Counted by the kernel and read from outside: no code of the student's can change it.
        """
        return self._conversation.processor_s()

    def with_arguments(self, function: Any, *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
        """The result of the call, and its positional arguments as they are afterwards."""
        path = call_text(getattr(function, "_remote_path", "?"), args, kwargs)
        answer = self._conversation.ask("call_keeping", [function, list(args), kwargs], path)
        whole = type(answer) is tuple and len(answer) == 2 and type(answer[1]) is list
        if not whole or len(answer[1]) != len(args):  # the test unpacks them
            raise MisusedValue(f"{path} did not give its arguments back")
        return answer[0], answer[1]


def _missing(error: StudentFault, words: str) -> Exception:
    """An AttributeError in our words: its own text is the student's to choose."""
    return MisusedValue(words) if error.fault.type == "AttributeError" else error


def call_text(path: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The call as written, with shapes for arrays: `f(an array of shape (5, 3), float64, 2.0)`.

    In a hidden test numbers and texts are named by their kind: they are its inputs.
    """
    parts = [_argument(value) for value in args]
    parts += [f"{name}={_argument(value)}" for name, value in kwargs.items()]
    text = f"{path}({', '.join(parts)})"
    return text if len(text) <= 300 else text[:297] + "..."


def _argument(value: Any) -> str:
    if isinstance(value, Remote):
        return f"<{value._remote_type}>"
    if callable(value):
        return str(getattr(value, "__name__", "f")).replace("<lambda>", "f")
    if type(value).__name__ == "Generator":
        return "rng"
    if not expected_is_revealed():
        if isinstance(value, (int, float, complex)) and type(value) is not bool:
            return "a number"
        if isinstance(value, (str, bytes)):
            return "a text"
        if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
            return "a number"
    return _literal(value) or describe(value)


def _literal(value: Any) -> str | None:
    """A short number or text as it is written in Python."""
    if type(value) is str:
        return short_text(value)
    if type(value) not in (int, float) or (type(value) is int and abs(value) > 10**MAX_LITERAL):
        return None
    text = repr(value)
    return text if len(text) <= MAX_LITERAL else None


@functools.cache
def probe_code(probe: Callable[..., Any]) -> bytes:
    """`probe` compiled and marshalled: worker and judge run the same Python."""
    return marshal.dumps(compile(probe_source(probe), "<probe>", "exec", dont_inherit=True))


def probe_source(probe: Callable[..., Any]) -> str:
    """The source of `probe`, checked to be a plain function that closes over nothing."""
    code = getattr(probe, "__code__", None)
    if code is None or code.co_freevars or code.co_name == "<lambda>":
        raise CourseError("A probe must be a function at the top of its test file.")
    source = textwrap.dedent(inspect.getsource(probe))
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list.clear()
    tree.returns = None
    for argument in [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]:
        argument.annotation = None
    body = tree.body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del body[0]  # the docstring is for the author
    return ast.unparse(tree)
