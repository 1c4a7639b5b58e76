"""Reports of its loading by arrays and handles."""
# category: wire
# stopped by: checks of the load's answer
# needs: wire
# expects: crashed

answer(["d", [["faults", ["a", "<f8", [2], 0]], ["compiled", ["h", 1, "dict", True]]]], [16], bytes(16))
