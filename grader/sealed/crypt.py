"""The file format of a sealed suite, and its key: Fernet of the package `cryptography`.

One line of ASCII says what it is and of which homework, the other is the Fernet token (AES-128 in
CBC mode, HMAC-SHA-256). The homework's id is authentic by the manifest inside.
"""

from __future__ import annotations

from typing import Any

from grader.errors import UsageError

KEY_VARIABLE = "GRADER_SUITE_KEY"
_HEADER = "grader sealed suite 1: "
MAX_FILE_BYTES = 128 << 20


def new_key() -> str:
    """A fresh key, 44 characters of URL-safe base64."""
    key: bytes = _fernet_class().generate_key()
    return key.decode("ascii")


def seal(homework: str, content: bytes, key: str) -> str:
    """The sealed file's text. UsageError where `key` is none."""
    token: bytes = _fernet(key).encrypt(content)
    return f"{_HEADER}{homework}\n{token.decode('ascii')}\n"


def unseal(homework: str, text: str, key: str) -> bytes:
    """What was sealed for `homework`; UsageError where the key, the file or the homework is wrong.

    No message says anything of the key or of the content.
    """
    from cryptography.fernet import InvalidToken

    fernet = _fernet(key)
    header, _, token = text.strip().partition("\n")
    if not header.startswith(_HEADER):
        raise UsageError("This is no sealed suite.", hint="One is made by: grader seal HW")
    named = header.removeprefix(_HEADER).strip()
    if named != homework:
        raise UsageError(f"The sealed suite is one of {named[:50]!r}, not of {homework!r}.")
    try:
        content: bytes = fernet.decrypt(token.strip().encode("ascii", "replace"))
    except InvalidToken as err:
        raise UsageError(
            "The key does not open the sealed suite, or the file was changed.",
            hint=f"{KEY_VARIABLE} holds the key that `grader seal` showed for this file.",
        ) from err
    return content


def _fernet(key: str) -> Any:
    try:
        return _fernet_class()(key.strip().encode("ascii", "replace"))
    except ValueError as err:
        raise UsageError(
            "The key is no key of a sealed suite.", hint="It has 44 characters of base64."
        ) from err


def _fernet_class() -> Any:
    try:
        from cryptography.fernet import Fernet
    except ImportError as err:
        raise UsageError(
            "Sealed suites need the package cryptography, which is not installed.",
            hint="pip install 'grader[sealed]'",
        ) from err
    return Fernet
