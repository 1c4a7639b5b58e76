"""A worker that serves several tests gives the verdicts that fresh workers give."""

from __future__ import annotations

import pytest

from grader.report.model import Report
from tests.conftest import Grade
from tests.judge.test_verdicts import SOLUTION, broken

LEAKS = {
    "module state": "    return 2 * x if state['calls'] == 1 else None\n",
    "a file": (
        "    import os\n"
        "    seen = os.path.exists('left')\n"
        "    open('left', 'w').close()\n"
        "    return None if seen else 2 * x\n"
    ),
    "an attribute of numpy": (
        "    import numpy as np\n"
        "    seen = hasattr(np, 'left')\n"
        "    np.left = True\n"
        "    return None if seen else 2 * x\n"
    ),
    "numpy's error state": (
        "    import numpy as np\n"
        "    seen = np.geterr()['all' if 0 else 'divide'] == 'raise'\n"
        "    np.seterr(all='raise')\n"
        "    return None if seen else 2 * x\n"
    ),
    "the environment": (
        "    import os\n"
        "    seen = 'LEFT' in os.environ\n"
        "    os.environ['LEFT'] = '1'\n"
        "    return None if seen else 2 * x\n"
    ),
    "a broken builtin": "    import builtins\n    builtins.len = None\n    return 2 * x\n",
    "a broken numpy": "    import numpy as np\n    np.array = np.zeros = None\n    return 2 * x\n",
    "a thread": (
        "    import threading, time\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "    return 2 * x\n"
    ),
    "a loop": "    while True: pass\n",
    "an exit": "    import os; os._exit(0)\n",
    "nothing wrong": "    return 2 * x\n",
}


def verdicts(report: Report) -> list[tuple[object, ...]]:
    return [(t.id, t.status, t.score, t.feedback, t.output) for t in report.tests]


@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS)
def test_the_verdicts_are_those_of_fresh_workers(grade_tiny: Grade, body: str) -> None:
    source = broken(body)
    fresh, reused = grade_tiny(source), grade_tiny(source, reuse_workers=True)
    assert verdicts(reused) == verdicts(fresh)


def test_reusing_starts_one_process_for_a_good_submission(
    grade_tiny: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.judge.template import Template

    spawned = []
    spawn = Template.spawn
    monkeypatch.setattr(Template, "spawn", lambda self: spawned.append(1) or spawn(self))
    assert grade_tiny(SOLUTION, reuse_workers=True).score == grade_tiny(SOLUTION).score
    # one for all tests, one more for the test that holds points back, five and one ahead otherwise
    assert len(spawned) <= 2 + 6
