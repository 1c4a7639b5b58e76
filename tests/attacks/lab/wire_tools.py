import gc as _gc
import struct as _struct
import sys as _sys

import msgpack as _msgpack


def channel():
    """This worker's own end of the wire, found as any code beside it could."""
    kind = _sys.modules["grader.wire.channel"].Channel
    return next(thing for thing in _gc.get_objects() if type(thing) is kind)


def raw():
    return channel()._sock


def asked():
    """The number of the request that is being answered."""
    frame = _sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    return frame.f_locals["number"]


def frame(header, body=b"", header_length=None, body_length=None):
    lengths = (header_length or len(header), len(body) if body_length is None else body_length)
    return _struct.pack("<4sIQ", b"GRW1", *lengths) + header + body


def say(tree, sizes=(), body=b""):
    """Send a message by its tree, whether or not that is one."""
    raw().sendall(frame(_msgpack.packb([tree, list(sizes)]), body))


def answer(tree, sizes=(), body=b""):
    """Answer the request that is being answered with a value of this tree."""
    say(["l", ["value", asked(), tree]], sizes, body)
