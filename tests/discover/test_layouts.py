"""Every layout that a platform makes is found, with whose it is and when it came."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.discover import Discovery, Found, discover
from grader.discover.match import twice
from grader.discover.platform_ids import platform_ids
from grader.errors import UsageError
from grader.submission import load_submission

SOURCE = "def f():\n    return 1\n"
NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
Find = Callable[[Mapping[str, str]], Discovery]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    return folder


def zipped(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(params=["folder", "zip"])
def find(request: pytest.FixtureRequest, tmp_path: Path) -> Find:
    """Discover hw3 in these files, in a folder and in a zip of it."""

    def run(files: Mapping[str, str]) -> Discovery:
        if request.param == "zip":
            path = zipped(tmp_path / "class.zip", files)
        else:
            path = write(tmp_path / "class", files)
        return discover(path, "hw3", "hw3", tmp_path / "work")

    return run


def by_key(found: Discovery) -> dict[str, Found]:
    for one in found.found:  # whatever was found can be read
        assert load_submission(one.path, "hw3").cells[0].source.startswith("def f")
    return {one.student_key: one for one in found.found}


def test_a_folder_for_each_student(find: Find) -> None:
    found = find({"ana/hw3.py": SOURCE, "Ben Brook/deep/hw3.py": SOURCE, "cleo.py": SOURCE})
    assert found.layout == "folders"
    assert list(by_key(found)) == ["Ben Brook", "ana", "cleo"]
    assert found.problems == ()


def test_a_zip_for_each_student(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("ana", "ben"):
        zipped(folder / f"{name}.zip", {"hw3.py": SOURCE})
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert list(by_key(found)) == ["ana", "ben"]


@pytest.mark.parametrize(
    "name", ["kim/hw3.zip", "Kim Kim_7010_assignsubmission_file/submission.zip"]
)
def test_a_students_own_zip_in_their_folder(tmp_path: Path, name: str) -> None:
    for path in (tmp_path / "class" / name, tmp_path / "class" / name.replace("im", "ay")):
        path.parent.mkdir(parents=True)
        zipped(path, {"hw3/hw3.py": SOURCE})
    found = discover(tmp_path / "class", "hw3", "hw3", tmp_path / "work")
    assert len(by_key(found)) == 2


def test_canvas(find: Find) -> None:
    found = find(
        {
            "lovelaceada_123_9001_hw3.py": SOURCE,
            "hoppergrace_LATE_124_9002_hw3-2.py": SOURCE,
            "turingalan_125_9003_hw3.py": SOURCE,
            "turingalan_125_9004_helpers.py": "x = 1\n",
            "turingalan_125_9005_answers.toml": 'q1 = "b"\n',
        }
    )
    assert found.layout == "canvas"
    keys = by_key(found)
    ada, grace, alan = (keys[k] for k in ("lovelaceada_123", "hoppergrace_124", "turingalan_125"))
    assert dict(ada.identities) == {"squashed": "lovelaceada", "id": "123"}
    assert [one.marked_late for one in (ada, grace, alan)] == [False, True, False]
    assert [one.attempt for one in (ada, grace, alan)] == [None, 3, None]
    together = load_submission(alan.path, "hw3")
    assert together.source_name == "hw3.py"
    assert sorted(together.files) == ["answers.toml", "helpers.py"]
    for one in (ada, grace, alan):
        assert platform_ids(one.layout, one.source) == {"canvas": one.student_key.split("_")[1]}


def test_canvas_anonymous(find: Find) -> None:
    found = find({"anon_2kcKl_9001_hw3.py": SOURCE, "anon_aB3dE_LATE_9002_hw3.py": SOURCE})
    assert [one.student_key for one in found.found] == ["anon_2kcKl", "anon_aB3dE"]
    assert [one.marked_late for one in found.found] == [False, True]
    assert [platform_ids(one.layout, one.source) for one in found.found] == [{}, {}]


def test_moodle_folders_and_files(find: Find) -> None:
    found = find(
        {
            "Ada Lovelace_301_assignsubmission_file/hw3.py": SOURCE,
            "Grace_Hopper_302_assignsubmission_file_/hw3.py": SOURCE,
            "Alan Turing_303_assignsubmission_file_hw3.py": SOURCE,
            "Alan Turing_303_assignsubmission_onlinetext/onlinetext.html": "<p>",
        }
    )
    assert found.layout == "moodle"
    names = {key: one.identities["name"] for key, one in by_key(found).items()}
    assert names == {
        "Ada Lovelace_301": "Ada Lovelace",
        "Grace_Hopper_302": "Grace_Hopper",
        "Alan Turing_303": "Alan Turing",
    }
    assert any("onlinetext" in line for line in found.problems)
    for one in found.found:
        assert platform_ids(one.layout, one.source) == {"moodle": one.student_key.split("_")[-1]}
    assert platform_ids("folders", "class/Ada_123_456_hw3.py") == {}


GRADESCOPE = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '007'
    :email: ada@uni.example
  :created_at: 2026-10-02 05:00:00.123456789 -07:00
  :score: 10.0
  :results:
    tests:
    - name: ":submitters: [nobody]"
      output: |
        submission_999:
          :created_at: 1999-01-01 00:00:00 Z
submission_102:
  :submitters:
  - :name: Grace Hopper
    :sid:
    :email: grace@uni.example
  - :name: Alan Turing
    :sid: '009'
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-10-02 12:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Pacific
    time: 2026-10-02 05:00:00.000000000 Z
submission_103:
  :submitters: []
submission_404:
  :submitters:
  - :name: Nobody
"""


def test_one_students_names_make_no_moodle_of_canvas(find: Find) -> None:
    """Who uploads more files than all others together does not choose the layout."""
    files = {f"student{x}x_10{x}_900{x}_hw3.py": SOURCE for x in range(1, 6)}
    files |= {"eve_555_9100_hw3.py": SOURCE}
    files |= {f"eve_555_92{n}_a{n}_1_assignsubmission_file_n.py": "" for n in range(10, 30)}
    found = find(files)
    assert (found.layout, len(found.found), found.problems) == ("canvas", 6, ())


def test_one_students_names_make_no_canvas_of_moodle(find: Find) -> None:
    files = {f"Kim {x}_{x}_assignsubmission_file_hw3.py": SOURCE for x in "123"}
    files |= {f"e_5_{n}_x_9_assignsubmission_file_n{n}.py": SOURCE for n in range(9)}
    found = find(files)
    assert (found.layout, found.problems) == ("moodle", ())
    assert {"Kim 1_1", "Kim 2_2", "Kim 3_3"} < by_key(found).keys()


def test_numbers_in_moodles_file_names_are_not_canvas(find: Find) -> None:
    found = find({f"Kim {x}_{x}_assignsubmission_file_hw_3_1_mine.py": SOURCE for x in "123"})
    assert (found.layout, len(found.found)) == ("moodle", 3)


def test_two_exports_in_one_folder_are_refused(find: Find) -> None:
    """Neither half of the class is graded without the other."""
    files = {"lovelaceada_123_9001_hw3.py": SOURCE, "Kim_1_assignsubmission_file_hw3.py": SOURCE}
    with pytest.raises(UsageError, match="looks like canvas and like moodle"):
        find(files)


def test_gradescope(find: Find) -> None:
    found = find(
        {
            "assignment_5_export/submission_metadata.yml": GRADESCOPE,
            "assignment_5_export/submission_101/hw3.py": SOURCE,
            "assignment_5_export/submission_102/hw3.py": SOURCE,
            "assignment_5_export/submission_103/hw3.py": SOURCE,
            "assignment_5_export/submission_105/hw3.py": SOURCE,
        }
    )
    assert found.layout == "gradescope"
    keys = by_key(found)
    assert list(keys) == ["007", "009", "grace@uni.example", "submission_103", "submission_105"]
    at = keys["007"].submitted_at
    assert at == NOON.replace(microsecond=123456)
    assert at is not None
    assert at.tzinfo is UTC
    assert keys["009"].path == keys["grace@uni.example"].path
    assert keys["009"].submitted_at == NOON
    assert keys["submission_105"].submitted_at is None
    said = "\n".join(found.problems)
    assert "submission_404" in said
    assert "does not name 'submission_105'" in said
    assert "no time for 'submission_103'" in said


@pytest.mark.parametrize("text", ["- [", "just text", "[]"])
def test_a_broken_gradescope_export_is_said_so(find: Find, text: str) -> None:
    with pytest.raises(UsageError, match="submission_metadata"):
        find({"submission_metadata.yml": text, "submission_1/hw3.py": SOURCE})


def test_gradescopes_metadata_makes_no_object(find: Find, tmp_path: Path) -> None:
    target = tmp_path / "made"
    evil = f"submission_1:\n  :created_at: !!python/object/apply:os.mkdir [{target}]\n"
    found = find({"submission_metadata.yml": evil, "submission_1/hw3.py": SOURCE})
    assert len(found.found) == 1
    assert not target.exists()


def test_nbgrader(find: Find) -> None:
    found = find(
        {
            "submitted/ana/hw3/hw3.py": SOURCE,
            "submitted/ana/hw3/timestamp.txt": "2026-10-02 12:00:00.000000 UTC",
            "submitted/ana/hw2/hw2.py": "x = 1\n",
            "submitted/ben/hw3/hw3.py": SOURCE,
            "submitted/ben/hw3/timestamp.txt": "yesterday",
            "release/hw3/hw3.py": SOURCE,
        }
    )
    assert found.layout == "nbgrader"
    keys = by_key(found)
    assert list(keys) == ["ana", "ben"]
    assert (keys["ana"].submitted_at, keys["ana"].time_from) == (NOON, "timestamp.txt")
    assert keys["ben"].time_from != "timestamp.txt"
    assert any("holds no time" in line for line in found.problems)


def test_github_by_name(find: Find) -> None:
    names = ["hw3-ana-maria", "cs101-hw3-ben", "cleo-hw3", "hw3-HW3-dan"]
    found = find({f"{name}/hw3.py": SOURCE for name in names})
    assert found.layout == "github"
    assert sorted(by_key(found)) == ["HW3-dan", "ana-maria", "ben", "cleo"]


def test_times_of_files_are_told_as_such_and_not_taken_from_a_zip(tmp_path: Path) -> None:
    files = {"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE}
    found = discover(write(tmp_path / "class", files), "hw3", "hw3", tmp_path / "work")
    assert [(one.submitted_at, one.time_from) for one in found.found] == [(NOON, "file")] * 2
    found = discover(zipped(tmp_path / "class.zip", files), "hw3", "hw3", tmp_path / "work")
    assert [(one.submitted_at, one.time_from) for one in found.found] == [(None, "")] * 2


def test_the_newest_file_says_when(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"ana/hw3.py": SOURCE, "ana/b.py": "", "ben/hw3.py": ""})
    later = (NOON + timedelta(hours=1)).timestamp()
    os.utime(folder / "ana" / "b.py", (later, later))
    found = discover(folder, "hw3", "hw3", tmp_path / "work")
    assert found.found[0].submitted_at == NOON + timedelta(hours=1)


def test_what_is_no_submission_is_told(find: Find) -> None:
    found = find({"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE, "grades.csv": "x", "notes.txt": "y"})
    assert len(found.found) == 2
    assert len(found.problems) == 2
    assert "grades.csv" in found.problems[0]


def test_two_submissions_of_one_student_are_both_kept_and_told(find: Find) -> None:
    found = find({"ana/hw3.py": SOURCE, "ana.py": SOURCE, "ben.py": SOURCE})
    assert [one.student_key for one in found.found] == ["ana", "ana", "ben"]
    assert any("'ana' has 2 submissions" in line for line in twice(found.found))


def test_sources_stay_the_same_from_run_to_run(find: Find) -> None:
    files = {"ana/hw3.py": SOURCE, "ben/hw3.py": SOURCE}
    first, second = find(files), find(files)
    assert first == second
    assert [one.source.split("/", 1)[1] for one in first.found] == ["ana", "ben"]


@pytest.mark.parametrize(
    "files",
    [
        {"class/ana/hw3.py": SOURCE, "class/ben/hw3.py": SOURCE},
        {"a/b/ana/hw3.py": SOURCE, "a/b/ben/hw3.py": SOURCE, "readme.txt": ""},
    ],
    ids=["one", "two"],
)
def test_folders_around_the_submissions_are_gone_into(find: Find, files: dict[str, str]) -> None:
    assert list(by_key(find(files))) == ["ana", "ben"]


def test_a_class_of_one(find: Find) -> None:
    assert list(by_key(find({"ana/solution.py": SOURCE}))) == ["ana"]


def test_one_submission_is_no_class(find: Find) -> None:
    with pytest.raises(UsageError, match="one submission") as caught:
        find({"hw3.py": SOURCE, "helpers.py": ""})
    assert "grader check hw3" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["nothing", "file.txt", "empty"])
def test_where_there_is_nothing_it_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no submissions"):
        discover(tmp_path / name, "hw3", "hw3", tmp_path / "work")
