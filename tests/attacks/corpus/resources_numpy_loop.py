"""Multiplies matrices for ever."""
# category: resources
# stopped by: wall-clock limit
# tests: test_toy_graph_at_two_and_one
# wall: 0.7
# expects: timeout
# shown: naive never


def toy_forward(a, b):
    x = np.ones((400, 400))
    while True:
        x = x @ x / 400
