"""Answers with handles of impossible numbers and names."""
# category: wire
# stopped by: handles are only names
# needs: wire
# expects: failed


def toy_forward(a, b):
    answer(["l", [["h", 1 << 62, "\x1b[2J::error::a" * 10, True], ["h", -5, "", 0], ["h", 0, "", 1]]])
