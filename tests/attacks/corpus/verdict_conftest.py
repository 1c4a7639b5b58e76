"""Hands in a conftest.py that makes every test pass."""
# category: verdict
# stopped by: nothing of a submission is collected
# tests: several
# shown: naive score
# file: conftest.py
import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"


print("[won] conftest.py was loaded")
