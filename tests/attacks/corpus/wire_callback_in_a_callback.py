"""Calls the test's function and answers the question that it is in the middle of."""
# category: wire
# stopped by: numbers of requests
# needs: wire
# tests: test_numerical_gradient_any_shape
# wall: 1.5
# expects: failed or crashed or timeout


def numerical_gradient(f, theta, delta=1e-5):
    for _ in range(1500):
        say(["l", ["callback", 0, ["l", [["l", [["h", 1, "float", False]]], ["d", []]]]]])
    answer(0.0)
