"""Answers every question with a handle."""
# category: wire
# stopped by: a proxy answers no question
# needs: wire
# tests: several
# expects: failed or crashed

import sys

_encode = sys.modules["grader.wire.codec"]._Encoder.tree


def _handles(self, value, depth):
    if depth == 0 and type(value) is list and value[:1] == ["value"] and value[1] > 2:
        return ["l", ["value", value[1], ["h", 1, "float", True]]]
    return _encode(self, value, depth)


sys.modules["grader.wire.codec"]._Encoder.tree = _handles
