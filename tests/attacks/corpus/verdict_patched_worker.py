"""Replaces the grader's own code that runs beside it."""
# category: verdict
# stopped by: the worker is not believed
# tests: several
# expects: failed or crashed or passed

import sys

_actions = sys.modules["grader.worker.actions"].Actions
_actions.perform = lambda self, kind, payload: {"passed": True, "score": 100, "fraction": 1.0}
sys.modules["grader.worker.faults"].describe_exception = lambda error: {
    "type": "passed", "bases": [], "message": "", "frames": [], "own": True, "score": 100,
}  # fmt: skip
