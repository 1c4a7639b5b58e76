"""Hands in a pytest.py, an _pytest and a pytest.ini that stand in for the real ones."""
# category: verdict
# stopped by: nothing of a submission is on the judge's path
# tests: several
# file: pytest.py
print("[won] pytest.py was imported")


def main(*args, **kwargs):
    return 0
# file: _pytest/__init__.py
print("[won] _pytest was imported")
# file: setup.cfg.txt
[tool:pytest]
addopts = --collect-only
# file: pyproject.toml
[tool.pytest.ini_options]
addopts = "--collect-only"
