"""Hands in a numpy.py, a random.py and a msgpack.py that stand in for the real ones."""
# category: verdict
# stopped by: order of the path
# tests: several
# file: numpy.py
print("[won] numpy.py was imported")
# file: random.py
print("[won] random.py was imported")
# file: msgpack.py
print("[won] msgpack.py was imported")
# file: grader/__init__.py
print("[won] grader was imported")
# file: grader/testing.py
print("[won] grader.testing was imported")
