"""Gives back an object of a class that is named by the hidden inputs."""
# category: ends
# stopped by: rules of feedback
# expects: failed


def toy_forward(a, b):
    thing = type(f"a={a!r} b={b!r}", (), {})()
    return thing, thing, thing
