"""Names two million functions when it is loaded."""
# category: wire
# stopped by: a bound on the names
# needs: wire
# expects: failed or crashed

answer(["d", [["faults", ["l", []]], ["compiled", b""], ["functions", "f " * 2_000_000]]])
