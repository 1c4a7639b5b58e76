"""Says that it has functions of every name that a test could ask for, and has none of them."""
# category: wire
# stopped by: functions are named to the worker, and it is the one that looks for them
# needs: wire
# expects: failed or crashed

_names = "double slow __class__ _conversation ask run has " + "x" * 1000
answer(["d", [["faults", ["l", []]], ["compiled", b""], ["functions", _names]]])
