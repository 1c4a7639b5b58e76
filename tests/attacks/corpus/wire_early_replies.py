"""Answers questions that were not asked yet."""
# category: wire
# stopped by: numbers of requests
# needs: wire
# tests: several
# expects: crashed or failed

for _number in range(1, 40):
    say(["l", ["value", _number, ["t", [3.0, 2.0, 6.0]]]])
