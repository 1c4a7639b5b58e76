"""Replaces the encoder beside it, so that everything it says is True or 0."""
# category: verdict
# stopped by: the worker is not believed
# tests: several
# expects: failed or crashed

import sys

_codec = sys.modules["grader.wire.codec"]
_plain = _codec._Encoder.tree


def _lie(self, value, depth):
    return _plain(self, True if type(value) in (float, np.ndarray) else value, depth)


_codec._Encoder.tree = _lie
