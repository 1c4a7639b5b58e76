# %% [markdown]
# # A tiny homework

# %%
state = {"calls": 0}


def double(x):
    """Twice x."""
    # BEGIN SOLUTION Problem 1: double
    state["calls"] += 1
    return 2 * x
    # END SOLUTION


# %%
class Counter:
    """Counts calls of `count` in `n`."""

    def __init__(self):
        # BEGIN SOLUTION Problem 2: Counter
        self.n = 0
        # END SOLUTION

    def count(self):
        """One more."""
        # BEGIN SOLUTION Problem 2: Counter.count
        self.n += 1
        # END SOLUTION


def apply(f, x):
    """f(x)."""
    # BEGIN SOLUTION Problem 2: apply
    return f(x)
    # END SOLUTION
