"""The bank of solutions: edits that hit, and entries that are refused by name."""

import json

import pytest

from grader.course import bank
from grader.course.manifest import find_course
from grader.errors import CourseError


def write_bank(homework, *entries):
    """Each entry a dict of TOML texts and lists; `edit` a list of (find, replace)."""
    lines = []
    for entry in entries:
        lines.append("[[wrong]]")
        lines += [f"{k} = {json.dumps(v)}" for k, v in entry.items() if k != "edit"]
        for find, replace in entry.get("edit", []):
            lines += ["[[wrong.edit]]", f"find = {json.dumps(find)}"]
            lines += [f"replace = {json.dumps(replace)}"]
    (homework.reference / "wrong.toml").write_text("\n".join(lines), encoding="utf-8")


GOOD = {
    "name": "minus-for-plus",
    "mistake": "Subtracts.",
    "loses": ["test_add_arrays", "test_add"],
    "edit": [("total = a + b", "total = a - b"), ("return 1", "return 2")],
}


def test_the_solution_is_read_as_it_is(homework):
    text = bank.solution_source(homework)
    assert text == (homework.reference / "solution.py").read_text(encoding="utf-8")


def test_a_wrong_solution_is_the_solution_with_its_edits(homework):
    write_bank(homework, GOOD)
    (wrong,) = bank.wrong_solutions(homework)
    assert (wrong.name, wrong.mistake) == ("minus-for-plus", "Subtracts.")
    assert wrong.loses == ("test_add_arrays", "test_add")
    solution = bank.solution_source(homework)
    expected = solution.replace("total = a + b", "total = a - b").replace("return 1", "return 2")
    assert wrong.source == expected != solution


def test_an_edit_is_not_looked_for_in_another_edits_outcome(homework):
    edit = [("return 1", "return total"), ("total = a + b", ["return total", "1"][0])]
    write_bank(homework, GOOD | {"edit": edit})
    assert "        return total\n" in bank.wrong_solutions(homework)[0].source


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Not Kebab"}, "kebab case, not 'Not Kebab'"),
        ({"name": 3}, "kebab case"),
        ({"mistake": " "}, "`mistake` must say"),
        ({"why": "?"}, "unknown key 'why'"),
        ({"loses": "test_add"}, "`loses` must be a list"),
        ({"loses": ["test_sub"]}, "hw9 has no test 'test_sub'"),
        ({"loses": ["test_add"]}, "at least one hidden test"),
        ({"loses": []}, "at least one hidden test"),
        ({"loses": ["test_add_arrays"] * 2}, "names a test twice"),
        ({"edit": []}, "at least one"),
        ({"edit": [("total = b + a", "")]}, "`find` of edit 1 is not in solution.py"),
        ({"edit": [("return 1", "return 2"), ("return", "")]}, "edit 2 is in solution.py more"),
        ({"edit": [("return 1", "return 1")]}, "change nothing"),
        ({"edit": [("return 1", "return (")]}, "is no Python"),
        ({"edit": [("total = a", "x = a"), ("= a + b", "= b")]}, "overlap"),
        ({"edit": [("", "x")]}, "needs the texts"),
        ({"edit": [("return 1", 1)]}, "needs the texts"),
    ],
)
def test_a_faulty_entry_is_named(homework, change, words):
    write_bank(homework, GOOD | {"name": "first"}, GOOD | change)
    with pytest.raises(CourseError) as caught:
        bank.wrong_solutions(homework)
    assert words in str(caught.value)
    assert "[[wrong]] number 2" in str(caught.value)


@pytest.mark.parametrize("text", ["", "x = 1", "wrong = 3", "wrong = [1]", "[[wrong", "[wrong]"])
def test_a_file_that_is_no_bank_is_refused(homework, text):
    (homework.reference / "wrong.toml").write_text(text)
    with pytest.raises(CourseError, match=r"wrong\.toml"):
        bank.wrong_solutions(homework)


def test_two_of_one_name_are_refused(homework):
    write_bank(homework, GOOD, GOOD)
    with pytest.raises(CourseError, match="two wrong solutions have the name 'minus-for-plus'"):
        bank.wrong_solutions(homework)


def test_correct_solutions_are_whole_files_by_name(homework):
    assert bank.correct_solutions(homework) == bank.wrong_solutions(homework) == ()
    folder = homework.reference / "correct"
    folder.mkdir()
    for name in ("b_loops", "a_einsum"):
        (folder / f"{name}.py").write_text(f"# {name}\n")
    assert [(s.name, s.source) for s in bank.correct_solutions(homework)] == [
        ("a_einsum", "# a_einsum\n"),
        ("b_loops", "# b_loops\n"),
    ]


def test_a_students_checkout_has_no_bank(course_folder):
    (course_folder / "reference/hw9/solution.py").unlink()
    (course_folder / "reference/hw9").rmdir()
    homework = find_course(course_folder).assignment("hw9")
    for read in (bank.solution_source, bank.wrong_solutions, bank.correct_solutions):
        with pytest.raises(CourseError, match="no reference/hw9 here"):
            read(homework)
