"""Says that it stands in places of its choice, with the hidden inputs in the function's name."""
# category: ends
# stopped by: rules of feedback
# needs: wire
# wall: 0.7
# expects: timeout


def toy_forward(a, b):
    for line in (10**9, 0, 1):
        for name in ("x" * 10**6, "\x1b[2J", f"a={a!r}, b={b!r}"):
            channel().send(["standing", 0, [0, line, name]])
    while True:
        pass
