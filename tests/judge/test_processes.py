"""A busy machine costs nobody points: the clock stands still while a worker waits for a core."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

from grader.course.manifest import load_course
from grader.judge import conversation, processes
from grader.judge.outcomes import WorkerCrashed
from grader.judge.processes import Share, ShareMeter, share_of, waited_s
from grader.judge.run import Settings, grade
from grader.report.model import Report, Status
from grader.submission import load_submission
from grader.wire.channel import Channel, Deadline, DeadlineExceeded
from grader.wire.codec import ProtocolError
from tests.conftest import TINY, Grade
from tests.judge.test_verdicts import broken

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who waits for a core")

# 0.6 of the 1.5 seconds that a test of the tiny homework has
BUSY = broken(
    "    import time\n"
    "    start = time.process_time()\n"
    "    while time.process_time() - start < 0.6: pass\n"
    "    return 2 * x\n"
)
HOGS = 5


@pytest.fixture
def crowded_core() -> Iterator[None]:
    """This process and what it starts share one core with busy processes."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    hog = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(hog, start_new_session=True) for _ in range(HOGS)]
    try:
        yield
    finally:
        for process in hogs:
            process.kill()
            process.wait()
        os.sched_setaffinity(0, cores)


def status(report: Report, test: str) -> Status:
    return next(t.status for t in report.tests if t.id == test)


@linux
@pytest.mark.slow
def test_a_crowded_core_is_no_timeout(grade_tiny: Grade, crowded_core: None) -> None:
    report = grade_tiny(BUSY, tests="public")
    assert status(report, "test_double_of_a_number") is Status.PASSED


@linux
@pytest.mark.slow
def test_without_patience_it_would_be_one(
    grade_tiny: Grade, crowded_core: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "MAX_STARVED", 0.0)
    report = grade_tiny(BUSY, tests="public")
    assert status(report, "test_double_of_a_number") is Status.TIMEOUT


class Crowded:
    """A worker that says what it had of the machine, and nothing else."""

    channel: Any = None

    def __init__(self, share: Share) -> None:
        self.share_of_it = share

    def share(self) -> Share:
        return self.share_of_it

    def kill(self) -> None: ...

    def obituary(self) -> tuple[bool, str]:
        return False, ""


@pytest.mark.parametrize(
    ("share", "patient"),
    [
        (Share(waited_s=100, ran_s=0), True),
        (Share(waited_s=0, ran_s=0), False),
        # its own threads took the core from each other: it ran all the time
        (Share(waited_s=100, ran_s=1000), False),
    ],
)
def test_only_who_is_kept_waiting_by_others_gets_time(
    share: Share, patient: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "waited_s", lambda: 0.0)  # this process has all it needs
    talk = conversation.Conversation(Crowded(share), 100)
    talk.begin(0.1)
    time.sleep(0.12)
    assert talk.deadline is not None
    if patient:
        assert talk.deadline.remaining() > 0
    else:
        with pytest.raises(DeadlineExceeded):
            talk.deadline.remaining()


@linux
def test_a_hang_ends_at_its_limit(grade_tiny: Grade) -> None:
    started = time.monotonic()
    report = grade_tiny(broken("    import time; time.sleep(60)\n"), tests="public")
    assert status(report, "test_double_of_a_number") is Status.TIMEOUT
    assert time.monotonic() - started < 30


def test_a_deadline_that_is_put_off_passes_in_the_end() -> None:
    more = [0.02, 0.01]
    deadline = Deadline(time.monotonic() - 0.001, lambda: more.pop(0) if more else 0.0)
    assert 0 < deadline.remaining() <= 0.02
    time.sleep(0.05)
    with pytest.raises(DeadlineExceeded):
        deadline.remaining()
    assert not more


def test_a_process_that_is_gone_has_not_waited() -> None:
    assert share_of(2**22 + 1) == Share()
    assert ShareMeter(None).now() == Share()


def test_where_nothing_says_nobody_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, whose `os` has no `pread`."""
    monkeypatch.setattr(processes, "_OWN", processes._Own())
    monkeypatch.delattr(os, "pread")
    assert waited_s() == 0.0
    assert share_of(os.getpid()) == Share()


@linux
def test_the_shares_of_a_process_end_with_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    shares = ShareMeter(process.pid)
    assert shares.now().known
    process.communicate(b"\n")
    assert shares.now() == Share()


@linux
@pytest.mark.slow
def test_each_thread_and_each_fork_waits_for_itself(crowded_core: None) -> None:
    while waited_s() < 0.5:
        pass
    in_thread: list[float] = []
    thread = threading.Thread(target=lambda: in_thread.append(waited_s()))
    thread.start()
    thread.join()
    assert in_thread[0] < 0.25
    pid = os.fork()
    if pid == 0:
        os._exit(0 if waited_s() < 0.25 else 1)
    assert os.waitpid(pid, 0)[1] == 0


FORGED = broken(
    "    import time\n"
    "    start = time.process_time()\n"
    "    while time.process_time() - start < 0.4: pass\n"
    "    time.process_time = time.perf_counter = time.monotonic = lambda: 0.0\n"
    "    return 2 * x\n"
)
TIMED = '''
from grader.testing import assert_between


def test_double_of_a_number(student):
    """double takes 0.4 s of processor time."""
    start = student.processor_s()
    student.double(1.0)
    assert_between(student.processor_s() - start, 0.35, 0.6, what="seconds")
'''


@linux
def test_processor_time_is_what_the_kernel_says(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "course")
    tests = tmp_path / "course" / "assignments" / "tiny" / "tests" / "test_public.py"
    tests.write_text(TIMED)
    (tmp_path / "tiny.py").write_text(FORGED)
    assignment = load_course(tmp_path / "course").assignment("tiny")
    submission = load_submission(tmp_path / "tiny.py", "tiny")
    report = grade(Settings(assignment=assignment, tests="public"), submission)
    assert status(report, "test_double_of_a_number") is Status.PASSED


def test_processor_time_is_that_of_the_worker() -> None:
    talk = conversation.Conversation(Crowded(Share(ran_s=3.0, known=True)), 100)
    assert talk.processor_s() == 3.0


def test_a_worker_that_leaves_before_it_is_counted_gains_nothing() -> None:
    worker = Crowded(Share(ran_s=3.0, known=True))
    talk = conversation.Conversation(worker, 100)
    start = talk.processor_s()
    worker.share_of_it = Share()
    assert talk.processor_s() - start > 5


def test_what_a_broken_message_was_made_into_is_not_kept() -> None:
    """Four million empty lists fit into a message, and take most of a gigabyte."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = Crowded(Share())
        worker.channel = Channel(ours)
        talk = conversation.Conversation(worker, 100)
        talk.begin(10)
        sent = [["d", [[1, 2, 3]]], []]  # a dict entry is a pair
        header = msgpack.packb(sent)
        theirs.sendall(struct.pack("<4sIQ", b"GRW1", len(header), 0) + header)
        with pytest.raises(WorkerCrashed) as caught:
            talk.ask("get", [None, "f"])
    cause = caught.value.__cause__
    assert isinstance(cause, ProtocolError)
    assert cause.__traceback__ is None
