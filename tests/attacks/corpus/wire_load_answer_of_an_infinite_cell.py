"""Reports, of its loading, a fault in cell infinity."""
# category: wire
# stopped by: checks of the load's answer
# needs: wire
# expects: crashed

_fault = [["type", "E"], ["bases", ["l", []]], ["message", ""], ["frames", ["l", []]], ["own", True]]
_fault.append(["cell", float("inf")])
answer(["d", [["faults", ["l", [["d", _fault]]]], ["compiled", ["d", []]]]])
