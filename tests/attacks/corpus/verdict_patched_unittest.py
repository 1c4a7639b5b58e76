"""Raises what pytest takes for a skipped or expected failure."""
# category: verdict
# stopped by: exceptions cross by name
# tests: several
# expects: failed


def toy_forward(a, b):
    try:
        import _pytest.outcomes as outcomes
    except ImportError:
        raise type("Skipped", (Exception,), {"__module__": "Skipped"})("skip") from None
    raise outcomes.Skipped("not for me", allow_module_level=True)


def toy_backward(a, b):
    raise type("Exit", (Exception,), {})("done")
