"""Calls functions that the test did not hand over."""
# category: wire
# stopped by: functions go by number
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["callback", 5, ["l", [["l", []], ["d", []]]]]])
