"""Replaces the encoder beside it, so that everything it says is True or 0."""
# category: verdict
# stopped by: the worker is not believed
# tests: several
# expects: failed or crashed

import sys

_codec = sys.modules["grader.wire.codec"]
_plain = _codec.encode


def _lies(value):
    if type(value) in (list, tuple):
        return type(value)(map(_lies, value))
    return True if type(value) in (float, np.ndarray) else value


def _encode(value, hooks=_codec.PLAIN):
    return _plain(_lies(value), hooks)


_codec.encode = _encode
