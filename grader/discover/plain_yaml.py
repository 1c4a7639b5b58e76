"""YAML as lists, dicts, texts and None, and nothing more: no tag makes an object of it.

Built from the parser's events rather than by its loader, which recurses (in C: a deeply nested file
ends the process) and copies what aliases are merged into (a short file fills the memory). An alias
is the very value it names, once; scalars stay as they are written.
"""

from __future__ import annotations

from typing import Any

_DEPTH = 100
_NULL = ("", "~", "null", "Null", "NULL")


class NotPlain(Exception):
    """What is no YAML, or nested too deep; `line` counts from 1 where it is known."""

    def __init__(self, line: int | None) -> None:
        super().__init__(line)
        self.line = line


def read_plain_yaml(text: str) -> Any:
    """The first document of `text`; NotPlain where it is none. Linear in its length."""
    import yaml

    builder = _Builder()
    try:
        for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            try:
                builder.take(event)
            except _TooDeep as err:
                raise NotPlain(event.start_mark.line + 1) from err
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        mark = getattr(err, "problem_mark", None)
        raise NotPlain(None if mark is None else mark.line + 1) from err
    return builder.value


class _TooDeep(Exception):
    pass


class _Builder:
    """Takes events one at a time; `value` is what they make."""

    def __init__(self) -> None:
        self.value: Any = None
        self._open: list[list[Any] | dict[str, Any]] = []
        self._keys: list[str | None] = []  # of each open dict the key that waits for its value
        self._named: dict[str, Any] = {}

    def take(self, event: Any) -> None:
        import yaml

        if isinstance(event, yaml.ScalarEvent):
            is_plain = event.implicit[0]  # neither quoted nor tagged
            is_null = is_plain and event.value in _NULL
            self._add(None if is_null else event.value, event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._named.get(event.anchor), None)
        elif isinstance(event, yaml.CollectionStartEvent):
            is_list = isinstance(event, yaml.SequenceStartEvent)
            made: list[Any] | dict[str, Any] = [] if is_list else {}
            self._add(made, event.anchor)
            self._open.append(made)
            self._keys.append(None)
            if len(self._open) > _DEPTH:
                raise _TooDeep
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _add(self, value: Any, anchor: str | None) -> None:
        if anchor is not None:
            self._named[anchor] = value
        if not self._open:
            self.value = value
            return
        inside = self._open[-1]
        if isinstance(inside, list):
            inside.append(value)
        elif self._keys[-1] is None:
            self._keys[-1] = value if isinstance(value, str) else ""  # no key that is asked for
        else:
            inside[self._keys[-1]] = value
            self._keys[-1] = None
