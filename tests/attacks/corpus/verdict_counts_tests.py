"""Tells the workers after it how many came before, by the compiled code that is kept for them."""
# category: verdict
# stopped by: compiled code is taken once
# needs: wire

import marshal as _marshal

_count = globals().get("_count", 0) + 1
if _count > 2:
    print("[won] this is worker", _count)
_code = _marshal.dumps(
    compile(
        f"_count = {_count}\n" + "".join(_sys.modules["linecache"].cache["<hw3.py>"][2]),
        "<hw3.py>",
        "exec",
    )
)
_dumps = _marshal.dumps
_sys.modules["grader.worker.load"].marshal = type(
    "Marshal", (), {"dumps": staticmethod(lambda code: _code), "loads": _marshal.loads}
)
