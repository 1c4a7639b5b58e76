"""GitHub's workflow commands: how they are written, and how text is kept from being one.

The runner reads both output streams of every step. It obeys a line that begins with `::`, spaces
aside, and one that holds `##[` anywhere. So no text of a submission is printed in a step but
inside a command's message, escaped, or as inert() lines, or between stop and resume.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

MAX_MESSAGE = 4_000
QUOTE = "| "


def command(name: str, message: str, properties: Mapping[str, str | int] | None = None) -> str:
    """One command on one line, such as `::error file=hw3.py,line=12::message`."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in (properties or {}).items())
    head = f"{name} {listed}" if listed else name
    return f"::{head}::{_data(message[:MAX_MESSAGE])}"


def inert(text: str) -> str:
    """`text` in lines that the runner takes for no command, whatever they hold.

    Each begins with a mark that can be seen: characters of no width are skipped by a comparison of
    texts as people read them, so they would be no protection.
    """
    lines = text.replace("\r", "\n").split("\n")
    return "\n".join(QUOTE + unbracketed(line) for line in lines) if text else ""


def unbracketed(text: str) -> str:
    """`text` without the `##[` of the older commands."""
    return text.replace("#[", "# [")


def stop_commands(token: str) -> str:
    """The line after which the runner obeys nothing until resume_commands(token)."""
    return f"::stop-commands::{token}"


def resume_commands(token: str) -> str:
    """The line that ends what stop_commands(token) began."""
    return f"::{token}::"


def new_token() -> str:
    """A word that nobody can guess."""
    return secrets.token_hex(32)


def _data(text: str) -> str:
    return unbracketed(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
