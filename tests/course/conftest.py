"""A small course written to a temporary folder, with one homework, hw9."""

import textwrap

import pytest

from grader.course.manifest import find_course

MANIFEST = """\
id = "hw9"
title = "A small homework"
module = "hw9"

[[problem]]
id = "9.1"
title = "Sums | differences"
exports = ["add"]
[problem.public]
test_add = 2
[problem.hidden]
test_add_arrays = 4.5
test_add_speed = 0.25

[[problem]]
id = "9.2"
title = "Quiz"
exports = []
[problem.hidden]
test_quiz_q1 = 10
"""

SOLUTION = '''\
# %% [markdown]
# # A small homework
#
# With *Markdown* and ∇.

# %%
"""A small homework."""

import numpy as np


# BEGIN SOLUTION DROP
def secret_helper(x):
    return x + 41
# END SOLUTION


# %%
class Adder:
    """Adds."""

    def add(self, a, b):
        """a + b."""
        # BEGIN SOLUTION Problem 9.1: Adder.add
        total = a + b  # the secret
        return total
        # END SOLUTION

    def given(self):
        """Stays as it is."""
        return 1


def add(a, b):
    """a + b, or "b" alone."""
    if a is None:
        # BEGIN SOLUTION Problem 9.1: "add"
        return b
        # END SOLUTION
    # BEGIN SOLUTION Problem 9.1: add
    return Adder().add(a, b)
    # END SOLUTION


# %%
# BEGIN SOLUTION DROP
only_secrets = True
# END SOLUTION

# %% [markdown]
# q1: a letter.

# %%
quiz_answers = {
    # BEGIN SOLUTION DROP
    "q1": "b",
    # END SOLUTION
}
'''

HANDOUT = """\
# A small homework

<!-- points:begin -->
out of date
<!-- points:end -->

The end.
"""


@pytest.fixture
def course_folder(tmp_path):
    """The course's folder: assignments/hw9 and reference/hw9."""
    for path, text in {
        "assignments/hw9/assignment.toml": MANIFEST,
        "assignments/hw9/handout.md": HANDOUT,
        "reference/hw9/solution.py": SOLUTION,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(textwrap.dedent(text), encoding="utf-8")
    return tmp_path


@pytest.fixture
def homework(course_folder):
    """hw9 of that course, an Assignment."""
    return find_course(course_folder).assignment("hw9")
