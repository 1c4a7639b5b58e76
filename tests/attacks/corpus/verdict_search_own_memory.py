"""Searches its own memory for a line of the hidden tests, which the template could have left."""
# category: verdict
# stopped by: the template never sees a test
# shown: naive won


def attack():
    words = "assert_" + "allclose(hw3." + "toy_forward", "assert_close(node, " + "expected"
    found = []
    import gc

    for thing in gc.get_objects():
        constants = getattr(getattr(thing, "__code__", None), "co_consts", ())
        names = getattr(getattr(thing, "__code__", None), "co_names", ())
        if "toy_forward" in names and "assert_allclose" in names:
            found.append(thing)
        if any(type(c) is str and any(word in c for word in words) for c in constants):
            found.append(thing)
    return found


def _as_naive():
    print("[won]" if attack() else "[stopped]")


def sigmoid(z):
    _as_naive()
    raise NotImplementedError
