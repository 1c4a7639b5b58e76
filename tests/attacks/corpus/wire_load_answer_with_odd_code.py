"""Hands over compiled code, to be kept for the workers after it, that is large and no code."""
# category: wire
# stopped by: checks of the load's answer
# needs: wire
# expects: failed or crashed

_size = 3 << 20
answer(
    ["d", [["faults", ["l", []]], ["compiled", ["d", [[0, ["b", 0]], [1.5, b"junk"], [None, b""]]]]]],
    [_size],
    bytes(_size),
)
