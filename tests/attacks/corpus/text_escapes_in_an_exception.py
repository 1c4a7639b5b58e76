"""Raises an exception whose name, text and line of source hold terminal escapes."""
# category: text
# stopped by: escaping
# expects: failed


def toy_forward(a, b):
    name = "E\x1b[31m\u202e::error::"
    raise type(name, (Exception,), {})("\x1b[2J\r\n::error file=x::owned\u2066\x00<b>")  # ‮
