"""Hands over compiled code under a key so long that the next worker cannot be sent it."""
# category: wire
# stopped by: checks of the load's answer
# needs: wire
# expects: failed or crashed or passed

_key = "k" * 4_194_000
answer(["d", [["faults", ["l", []]], ["compiled", ["d", [[_key, b"x"]]]]]])
