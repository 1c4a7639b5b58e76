"""Reads the solution in the course that comes with the grader as an example."""
# category: files
# stopped by: mountns, landlock
# shown: unconfined won


def attack():
    import importlib.util
    from pathlib import Path

    package = Path(importlib.util.find_spec("grader").origin).parent
    return (package / "templates/course/reference/neuron/solution.py").read_text()[:80]
