"""Gives back texts, names and keys that hold terminal escapes."""
# category: text
# stopped by: escaping
# expects: failed


def toy_forward(a, b):
    evil = "\x1b[2J\u202e\n::error::owned"
    return evil, type(evil, (), {})(), {evil: evil}


quiz_answers = {"q1": "\x1b[2J::error::", "q2": "\x1b[31m\u202e", "q3": ["\x1b[2J"]}
