"""Says that its exception came from a line and a cell that are not there."""
# category: wire
# stopped by: checks of a fault's description
# needs: wire
# expects: failed


def toy_forward(a, b):
    lines = ["l", [["l", [0, 2**31 - 1, "f"]], ["l", [77, 0, "\x1b[31m"]]]]
    fault = [["type", "E"], ["bases", ["l", []]], ["message", ""], ["frames", lines], ["own", True]]
    say(["l", ["raised", asked(), ["d", fault]]])
