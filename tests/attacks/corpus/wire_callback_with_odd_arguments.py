"""Calls the test's function with arguments that are no list, and keywords that are no text."""
# category: wire
# stopped by: checks of callbacks
# needs: wire
# tests: test_numerical_gradient_any_shape
# expects: crashed


def numerical_gradient(f, theta, delta=1e-5):
    say(["l", ["callback", 0, ["l", [["l", []], ["d", [[5, 1]]]]]]])
