"""A class's grades into Canvas, Moodle, CSV and JSON: ids kept, nothing guessed, no formulas."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from grader.errors import GraderError, UsageError
from grader.export import canvas, class_csv, class_json, moodle_gradebook, moodle_worksheet
from grader.export.cells import neutral, read_table
from grader.export.class_csv import status_of
from grader.export.model import ClassRequest, Row
from grader.export.rows import read_grades, two_decimals

ADA = Row(
    student="ada",
    name="Ada Lovelace",
    email="ada@example.org",
    score=Decimal("93.25"),
    max_score=Decimal(100),
    ids={"canvas": "5001"},
)
BOB = Row(student="bob7", name="Bob Moss", score=Decimal("80.005"), max_score=Decimal(100))
CAT = Row(student="c@example.org", name="Cat", score=None, max_score=Decimal(100), excused=True)
DAN = Row(student="dan", name="Dan Doe", score=None)
EVE = Row(student="eve", name="Eve", score=Decimal(1))
ROWS = (ADA, BOB, CAT, DAN, EVE)


def request(rows: tuple[Row, ...] = ROWS, downloaded: str | None = None, **more: Any) -> Any:
    fields = {"homework": "hw3", "title": "Backpropagation from scratch", **more}
    return ClassRequest(rows=rows, downloaded=downloaded, **fields)


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW 2 (77),hw3 Backprop (78),Final Score\n"
    '"    Points Possible",,,,,50,100.0,(read only)\n'
    '"Lovelace, Ada",5001,,a.lovelace,"Mo, 9:15",50,,90\n'
    '"Moss, Bob",5002,bob7,b.moss,Tu,40,12.00,40\n'
    '"=HYPERLINK(""http://x"")",5003,,C@example.org,Tu,30,5,30\n'
    '"Doe, Dan",5004,,,Tu,,7.5,\n'
    '"Student, Test",5099,,f00,Mo,,,\n'
)


def test_canvas_gets_one_column_and_keeps_its_ids() -> None:
    exported = canvas.emit(request(downloaded=CANVAS))
    table = lines(exported.text)
    assert table[0] == [
        *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        "hw3 Backprop (78)",
    ]
    assert table[1][0] == "    Points Possible"
    assert table[1][5] == "100.0"
    by_id = {line[1]: line for line in table[2:]}
    assert by_id["5001"] == ["Lovelace, Ada", "5001", "", "a.lovelace", "Mo, 9:15", "93.25"]
    assert by_id["5002"][5] == "80.01"
    assert by_id["5003"][5] == "EX"
    assert by_id["5004"][5] == "7.5"  # without a grade: as it was
    assert by_id["5099"][5] == ""
    assert by_id["5003"][0].startswith("'=")
    assert '"Lovelace, Ada"' in exported.text
    assert exported.notes == (
        "Not in the downloaded file, so left out: eve.",
        "1 row was left unchanged: no grade.",
    )


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({}, "hw3 Backprop (78)"),
        ({"column": "HW 2 (77)"}, "HW 2 (77)"),
        ({"column": "hw 2"}, "HW 2 (77)"),
        ({"title": "HW 2"}, "HW 2 (77)"),
    ],
)
def test_the_canvas_column_is_found(more: dict[str, str], column: str) -> None:
    rows = (Row(student="ada", score=Decimal(1), ids={"canvas": "5001"}),)
    table = lines(canvas.emit(request(rows, CANVAS, **more)).text)
    assert table[0][-1] == column
    assert table[2][-1] == "1.00"


@pytest.mark.parametrize(
    ("rows", "downloaded", "more", "words"),
    [
        (ROWS, None, {}, "--gradebook"),
        (ROWS, CANVAS, {"column": "HW 9"}, "not one column"),
        (ROWS, CANVAS, {"column": "ID"}, "not one column"),
        (ROWS, CANVAS.replace("100.0", "10"), {}, "points possible"),
        (ROWS, CANVAS.replace("100.0", '"10,50"'), {}, "points possible"),
        (ROWS, "name,grade\nx,1\n", {}, "no column 'Student'"),
        (ROWS, "", {}, "empty"),
        (ROWS, 'Student,ID\n"x', {}, "not valid CSV"),
        ((ADA, Row(student="x", score=None, ids={"canvas": "5001"})), CANVAS, {}, "the same row"),
        ((Row(student="bob7", score=None, email="a.lovelace"),), CANVAS, {}, "several rows"),
    ],
)
def test_canvas_refuses_what_would_be_a_guess(
    rows: tuple[Row, ...], downloaded: str | None, more: dict[str, str], words: str
) -> None:
    with pytest.raises(GraderError, match=words):
        canvas.emit(request(rows, downloaded, **more))


def test_two_students_of_one_name_are_never_mixed_up() -> None:
    twins = CANVAS + '"Doe, Dan",5005,,,Mo,,,\n'
    with pytest.raises(UsageError, match="several rows"):
        canvas.emit(request((DAN,), twins))
    one = Row(student="7", name="Dan Doe", score=Decimal(3), ids={"canvas": "5005"})
    assert lines(canvas.emit(request((one,), twins)).text)[-1][5] == "3.00"


def test_a_roster_of_plain_numbers_gives_nobody_anothers_grade() -> None:
    """Canvas's ID and Moodle's participant count other people than the roster does."""
    bob = Row(student="5001", name="Bob Moss", score=Decimal(80), max_score=Decimal(100))
    ada = Row(student="5002", name="Ada Lovelace", score=Decimal(90), max_score=Decimal(100))
    unknown = Row(student="5003", score=Decimal(1), max_score=Decimal(100))
    exported = canvas.emit(request((bob, ada, unknown), CANVAS))
    by_name = {line[0]: line[5] for line in lines(exported.text)}
    assert (by_name["Moss, Bob"], by_name["Lovelace, Ada"]) == ("80.00", "90.00")
    assert exported.notes == ("Not in the downloaded file, so left out: 5003.",)
    bob, ada, unknown = (
        replace(row, student=number) for row, number in ((bob, "11"), (ada, "12"), (unknown, "13"))
    )
    exported = moodle_worksheet.emit(request((bob, ada, unknown), WORKSHEET))
    assert [line[4] for line in lines(exported.text)[1:]] == ["90.00", "80.00", "6.00", "7.00"]
    assert exported.notes == ("Not in the downloaded file, so left out: 13.",)
    bare = WORKSHEET.replace("Participant ", "")
    assert "left out: 13." in moodle_worksheet.emit(request((unknown,), bare)).notes[0]


def test_an_id_in_the_row_of_another_person_is_not_taken() -> None:
    """A roster's number 7 beside the ID number 7 of the registry."""
    numbered = MOODLE.replace("Lovelace,,", "Lovelace,7,").replace("bob7", "8")
    eve = Row(student="7", name="Eve Adams", email="eve@example.org", score=Decimal(1))
    bob = Row(student="7", name="Bob Moss", email="bob@example.org", score=Decimal(2))
    exported = moodle_gradebook.emit(request((eve,), numbered))
    assert len(lines(exported.text)) == 1
    assert exported.notes == (
        "Left out: 7. An id of theirs is in the row of Ada Lovelace, which by its name and e-mail "
        "address is another person's.",
    )
    exported = moodle_gradebook.emit(request((bob,), numbered))  # found by what is his own
    assert lines(exported.text)[1:] == [["8", "2.00"]]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Ada King", "ada@elsewhere.example"),  # another address, the same person
        ("Àda Lovelace", ""),
        ("Augusta King", "ada@example.org"),  # another name
        ("", "ada@elsewhere.example"),
    ],
)
def test_a_row_that_agrees_in_name_or_address_is_taken(name: str, email: str) -> None:
    named = "Full name,ID number,Email address\nAda Lovelace,a1,ada@example.org\n"
    row = Row(student="a1", name=name, email=email, score=Decimal(1))
    taken = len(lines(moodle_gradebook.emit(request((row,), named)).text)) == 2
    assert taken is bool(name)


def test_all_students_who_are_not_in_the_file_are_named() -> None:
    rows = tuple(Row(student=f"s{i}", score=Decimal(1)) for i in range(50))
    (note,) = canvas.emit(request(rows, CANVAS)).notes
    assert all(f"s{i}" in note for i in range(50))


WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Online text\n"
    'Participant 11,Ada Lovelace,ada@example.org,Submitted,,100.00,Yes,"Friday, 2 October",-,=1+1\n'
    "Participant 12,Bob Moss,bob@example.org,Submitted,5.00,100.00,Yes,-,-,\n"
    "Participant 13,=cmd(),c@example.org,Submitted,6.00,100.00,Yes,-,-,\n"
    "Participant 14,Eve,eve@example.org,Submitted,7.00,100.00,No,-,-,\n"
)


def test_the_moodle_worksheet_gets_its_grades_only() -> None:
    exported = moodle_worksheet.emit(request(downloaded=WORKSHEET))
    before, after = lines(WORKSHEET), lines(exported.text)
    assert after[0] == before[0]
    assert [line[0] for line in after] == [line[0] for line in before]
    assert [line[4] for line in after[1:]] == ["93.25", "80.01", "6.00", "7.00"]
    assert [line[8] for line in after] == [line[8] for line in before]
    assert after[1][9] == "'=1+1"
    assert [line[7] for line in after] == [line[7] for line in before]
    assert after[3][1] == "'=cmd()"
    assert "Locked in Moodle, so left unchanged: eve." in exported.notes


def test_a_blind_worksheet_is_matched_by_participant() -> None:
    blind = "Identifier,Grade,Last modified (grade)\nParticipant 11,,-\nParticipant 12,,-\n"
    rows = (
        Row(student="Participant 12", score=Decimal(5)),
        Row(student="x", ids={"moodle": "11"}, score=Decimal("6.5")),
    )
    after = lines(moodle_worksheet.emit(request(rows, blind)).text)
    assert [line[1] for line in after] == ["Grade", "6.50", "5.00"]


@pytest.mark.parametrize(
    ("downloaded", "words"),
    [
        (None, "--gradebook"),
        ("Identifier,Grade\nParticipant 1,\n", "Last modified"),
        ("Identifier,Grade,Grade,Last modified (grade)\n", "more than one"),
        (WORKSHEET.replace("100.00", "10,00".replace(",", ".")), "maximum grade"),
    ],
)
def test_a_worksheet_that_does_not_fit_is_refused(downloaded: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        moodle_worksheet.emit(request(downloaded=downloaded))


MOODLE = (
    "First name,Last name,ID number,Email address,Course total\n"
    "Ada,Lovelace,,ada@example.org,-\n"
    "Bob,Moss,bob7,bob@example.org,-\n"
    "Cat,Cole,,c@example.org,-\n"
)


def test_moodles_import_has_known_users_and_numbers_only() -> None:
    exported = moodle_gradebook.emit(request(downloaded=MOODLE))
    assert lines(exported.text) == [
        ["Email address", "Backpropagation from scratch"],
        ["ada@example.org", "93.25"],
        ["bob@example.org", "80.01"],
        ["c@example.org", "-"],
    ]
    assert "left out: dan, eve" in exported.notes[0]


def test_moodles_users_are_named_by_what_all_have() -> None:
    numbered = MOODLE.replace("Lovelace,,", "Lovelace,a1,").replace("Cole,,", "Cole,c1,")
    assert lines(moodle_gradebook.emit(request(downloaded=numbered)).text)[0][0] == "ID number"
    same = MOODLE.replace("bob@example.org", "ada@example.org")
    with pytest.raises(UsageError, match="names every student"):
        moodle_gradebook.emit(request((BOB, CAT), same))
    with pytest.raises(UsageError, match="none of the columns"):
        moodle_gradebook.emit(request(downloaded="Name,Grade\nx,1\n"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_of_the_plain_csv_is_a_formula(start: str) -> None:
    row = Row(student=f"{start}1+1", name=f"{start}cmd|'/C calc'!A0", score=None)
    table = lines(class_csv.emit(request((row,))).text)
    assert table[1][0].startswith("'")
    assert table[1][1].startswith("'")
    assert neutral("a=b") == "a=b"


@pytest.mark.parametrize("cell", ["-", "-5", "+3", "-1.5", "-1,234.50", "-2e-3", "-5%", ""])
def test_numbers_and_a_lone_dash_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


@pytest.mark.parametrize(
    "cell", ["-1+1", "--", "-A1", "+1-800", "-2+3+cmd|' /C calc'!A0", "-1e5+1"]
)
def test_what_begins_like_a_number_can_be_a_formula(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


def test_plain_csv_and_json_say_who_has_no_grade() -> None:
    table = lines(class_csv.emit(request()).text)
    assert [line[-1] for line in table[1:]] == [
        *("graded", "graded", "excused", "not graded", "graded")
    ]
    assert table[1][3:5] == ["93.25", "100"]
    assert table[4][3] == ""
    value = json.loads(class_json.emit(request()).text)
    assert [entry["score"] for entry in value["grades"]] == [93.25, 80.005, None, None, 1]


def test_json_is_read_again_as_it_was() -> None:
    grades = read_grades(class_json.emit(request()).text)
    assert grades.rows == tuple(replace(row, status=status_of(row)) for row in ROWS)
    assert (grades.homework, grades.title) == ("hw3", "Backpropagation from scratch")


def test_plain_exports_keep_what_the_gradebook_says_of_a_grade() -> None:
    said = ("graded", "missing", "unreadable", "excused", "error")
    entries = [
        {"student": status, "status": status, "score": None if status == "error" else 0}
        for status in said
    ]
    grades = read_grades(json.dumps({"homework": "hw3", "grades": entries}))
    assert tuple(line[-1] for line in lines(class_csv.emit(request(grades.rows)).text)[1:]) == said
    value = json.loads(class_json.emit(request(grades.rows)).text)
    assert tuple(entry["status"] for entry in value["grades"]) == said


@pytest.mark.parametrize("points", ["1e30", "-1", "1000001", "1e999999999999999999999", "-1e-9"])
def test_points_that_no_homework_gives_are_refused(points: str) -> None:
    for name in ("score", "max_score"):
        with pytest.raises(UsageError):
            read_grades(f'[{{"student": "a", "{name}": {points}}}]')


def test_more_than_the_maximum_is_told_and_tiny_parts_are_rounded() -> None:
    grades = read_grades('[{"student": "a", "score": 105.50, "max_score": 100}]')
    assert grades.notes == ("More points than the maximum: a (105.5 of 100).",)
    (row,) = read_grades('[{"student": "a", "score": 1e-300, "max_score": 100}]').rows
    assert row.score == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "3",
        "[3]",
        '[{"student": null}]',
        '[{"student": "a", "score": "much"}]',
        '[{"student": "a", "score": true}]',
        '[{"student": "a", "score": NaN}]',
        '[{"student": "a"}, {"student": "a"}]',
    ],
)
def test_grades_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_grades(text)


def test_points_are_rounded_as_people_do() -> None:
    assert two_decimals(Decimal("0.005")) == "0.01"
    assert two_decimals(Decimal(100)) == "100.00"
    assert read_table("a;b\n1,5;2\n", "x").records() == [{"a": "1,5", "b": "2"}]
