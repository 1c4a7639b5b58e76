"""Calls functions of the judge by their names."""
# category: wire
# stopped by: functions go by number
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["callback", "os.system", ["l", [["l", ["true"]], ["d", []]]]]])
