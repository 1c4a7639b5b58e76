"""Hands in files named as the test files and the solution, to be taken for them."""
# category: verdict
# stopped by: the judge knows its files by path
# tests: several
# file: solution.py
print("[won] solution.py was imported")
# file: test_numerical.py
def test_toy_graph_anywhere():
    print("[won]")
# file: tests/test_public.py
def test_toy_graph_at_two_and_one():
    print("[won]")
# file: reference/hw3/quiz_key.toml
[q1]
answer = 1
