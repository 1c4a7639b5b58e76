"""Rosters as they come, and whose each submission is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.batch import assigned
from grader.discover import Found, Person, discover, match, read_roster
from grader.discover.roster import parse_roster
from grader.errors import UsageError

ADA = Person(id="1", name="Ada King Lovelace", email="ada@uni.example", github="AdaL")
ANA = Person(id="2", name="Ana Álvarez", section="A", github="ana-a")
SAM = Person(id="3", name="Sam Lee", email="sam@uni.example")
SAM_TOO = Person(id="4", name="Lee, Sam")
EVERYONE = [ADA, ANA, SAM, SAM_TOO]


def found(**identities: str) -> Found:
    key = next(iter(identities.values()))
    return Found(
        student_key=key, path=Path("x"), layout="folders", source=key, identities=identities
    )


@pytest.mark.parametrize(
    "text",
    [
        "id,name,email,section,github\n1,Ada Lovelace,a@b,A,adal\n",
        "id;name;email;section;github\r\n1;Ada Lovelace;a@b;A;adal\r\n",
        "Student ID\tFull Name\tE-mail\tGroup\tGitHub_Username\n1\tAda Lovelace\ta@b\tA\tadal\n",
        "First Name,Last Name,SID,Email,Sections,GitHub\nAda,Lovelace,1,a@b,A,adal\n",
        'id,"name",email,section,github,extra\n\n"1","Ada Lovelace","a@b","A","adal",""\n',
    ],
    ids=["ours", "semicolons", "tabs", "gradescope", "quoted"],
)
def test_columns_of_many_names(text: str) -> None:
    (ada,) = parse_roster(text)
    expected = Person(id="1", name="Ada Lovelace", email="a@b", section="A", github="adal")
    assert ada == expected


def test_canvas_gradebook_is_a_roster() -> None:
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section,hw3 (77)\n"
        "Points Possible,,,,,100\n"
        '"Lovelace, Ada",5001,s1,ada,Lab A,\n'
    )
    (ada,) = parse_roster(text)
    assert (ada.id, ada.name, ada.section) == ("5001", "Lovelace, Ada", "Lab A")


def test_classroom_50_and_github_classroom() -> None:
    (ada,) = parse_roster(
        "username,first_name,last_name,email,section,github_id\nadal,Ada,Lovelace,a@b,A,77\n"
    )
    assert (ada.id, ada.github, ada.name) == ("adal", "adal", "Ada Lovelace")
    (ada,) = parse_roster('"identifier","github_username","github_id","name"\n"s1","adal","7",""\n')
    assert (ada.id, ada.github) == ("s1", "adal")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes("id,name\n1,Ana Álvarez\n".encode(encoding))
    assert read_roster(path)[0].name == "Ana Álvarez"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no student"),
        ("id,name\n", "names no student"),
        ("name,email\nAda,a@b\n", "no column for the student's id"),
        ("id,name\n1,Ada\n,Bob\n", "line 3: the id is missing"),
        ("id,name\n1,Ada\n2,Bob\n1,Cleo\n", "the id '1' twice: in line 2 and 4"),
        ("id,email\n1,a@b\n2,A@B\n", "the email 'A@B' twice: in line 2 and 3"),
        ("id,github\n1,x\n2,X\n", "the github 'X' twice"),
        ('id,name\n1,"Ada\n', "is no CSV"),
        ("id,id\n1,2\n", "two columns called 'id'"),
        ("id,name\n1,A\x1b[2J\n", "line 2: name is too long or holds control"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_roster(text)


def test_a_roster_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("id,name\n1,Ana\n2,\xc1lvaro\n".encode("latin-1"))
    with pytest.raises(UsageError, match="line 3"):
        read_roster(tmp_path / "latin.csv")


@pytest.mark.parametrize(
    ("one", "person"),
    [
        (found(id="1"), ADA),
        (found(email="ADA@uni.example"), ADA),
        (found(github="ADAL"), ADA),
        (found(name="Lovelace, Ada King"), ADA),
        (found(name="ana_alvarez"), ANA),
        (found(squashed="kinglovelaceada"), ADA),
        (found(squashed="lovelaceadaking"), ADA),
        (found(squashed="álvarezana", id="77"), ANA),
        (found(id="unknown", email="sam@uni.example", name="Sam Lee"), SAM),
        (found(id="unknown", github="ana-a"), ANA),
        (found(squashed="leesam", id="4"), SAM_TOO),
    ],
)
def test_a_submission_goes_to_the_one_it_fits(one: Found, person: Person) -> None:
    matching = match([one], EVERYONE)
    assert [entry.person for entry in matching.matched] == [person]


def test_what_fits_nobody_or_several_is_listed_and_so_is_who_is_missing() -> None:
    given = [found(id="1"), found(id="nobody"), found(name="Sam Lee"), found(id="1")]
    matching = match(given, EVERYONE)  # twice the same participant is no contradiction
    assert [entry.found for entry in matching.matched] == [given[0], given[3]]
    assert [one for one, _ in matching.unmatched] == given[1:3]
    assert matching.unmatched[0][1] == "not on the roster: 'nobody'"
    assert "fits 2 of the roster: 3, 4" in matching.unmatched[1][1]
    assert matching.missing == (ANA, SAM, SAM_TOO)


def test_an_empty_name_fits_nobody() -> None:
    nameless = [Person(id="1"), Person(id="2")]
    assert match([found(name="", squashed="", github="")], nameless).matched == ()


def test_two_participants_who_fit_one_person_are_both_nobodys() -> None:
    given = [found(name="Ada King Lovelace"), found(name="lovelace, ADA king"), found(id="2")]
    matching = match(given, EVERYONE)
    assert [entry.person for entry in matching.matched] == [ANA]
    assert [one for one, _ in matching.unmatched] == given[:2]
    for _, reason in matching.unmatched:
        assert reason == "'Ada King Lovelace' and 'lovelace, ADA king' all fit 1 of the roster"
    assert matching.missing == (SAM, SAM_TOO)  # Ada has handed in, whichever it was


def test_what_is_nobodys_is_never_entered_under_an_id() -> None:
    people = [Person(id="ada", github="alovelace"), Person(id="github:ada"), Person(id="eve")]
    matching = match([found(github="ada"), found(github="eve")], people)
    assert matching.matched == ()
    assert [one.student_key for one, _ in matching.unmatched] == [
        "folders:ada",
        "folders:eve",
    ]
    twins = match([found(id="ada"), found(github="ALovelace")], people)
    assert [one.student_key for one, _ in twins.unmatched] == ["folders:ada", "ALovelace"]


def test_a_word_that_is_an_id_and_anothers_github_user_decides_nothing() -> None:
    people = [
        Person(id="ada", github="x"),
        Person(id="eve", github="ada"),
        Person(id="k", github="k"),
    ]
    key = dict.fromkeys(("id", "email", "github", "name", "squashed"), "ada")
    ((one, reason),) = match([found(**key)], people).unmatched
    assert reason == "'ada' stands for several of the roster: ada, eve"
    assert one.student_key == "folders:ada"
    assert match([found(id="k", github="k")], people).matched[0].person == people[2]


def test_a_github_user_is_looked_for_among_github_users(tmp_path: Path) -> None:
    for name in ("hw3-ada", "hw3-alovelace"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw3.py").write_text("x = 1\n")
    people = [Person(id="ada", github="alovelace"), Person(id="eve", github="eve")]
    matching = match(discover(tmp_path, "hw3", "hw3", tmp_path).found, people)
    assert [(m.found.path.name, m.person.id) for m in matching.matched] == [
        ("hw3-alovelace", "ada")
    ]
    assert [one.student_key for one, _ in matching.unmatched] == ["github:ada"]


def test_submissions_are_told_to_be_several_by_the_keys_they_are_entered_under(
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = (Person(id="1", name="Ada"), Person(id="ana", name="Ana"))
    given = [found(id="1"), found(id="1"), found(name="Ana"), found(squashed="ana")]
    entered = assigned(given, people)
    assert [one.student_key for one in entered] == ["1", "1", "Ana", "folders:ana"]
    said = capsys.readouterr().err
    assert "note: '1' has 2 submissions: 1, 1" in said
    assert said.count("'Ana' and 'ana' all fit ana of the roster; graded as") == 2
    assert "no submission" not in said
    assert [one.student_key for one in assigned(given, ())] == ["1", "1", "Ana", "ana"]
    assert "note: '1' has 2" in capsys.readouterr().err
