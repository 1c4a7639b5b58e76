"""Loops for ever while it is loaded."""
# category: resources
# stopped by: wall-clock limit
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never

while True:
    pass
