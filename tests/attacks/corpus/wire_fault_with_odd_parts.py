"""Describes its exception by lines that are infinite and names that are numbers."""
# category: wire
# stopped by: checks of a fault's description
# needs: wire
# expects: crashed


def toy_forward(a, b):
    lines = ["l", [["l", [0, 2**40, "f"]], ["l", [float("inf"), -1, 5]]]]
    fault = [["type", 5], ["bases", None], ["message", b""], ["frames", lines], ["own", 1]]
    say(["l", ["raised", asked(), ["d", fault]]])
