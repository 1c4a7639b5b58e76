"""Says that the sandbox is broken, which would be the grader's fault and withhold the score."""
# category: wire
# stopped by: set-up messages end with the set-up
# needs: wire
# expects: crashed


def toy_forward(a, b):
    say(["l", ["broken", 0, "no space left on device"]])
