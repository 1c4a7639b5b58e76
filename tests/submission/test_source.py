"""Bytes of a .py become the text Python would read, or a clear error."""

import ast
import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.submission.source import decode_source


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"x = 1", "x = 1\n"),
        (codecs.BOM_UTF8 + "ü = 1\n".encode(), "ü = 1\n"),
        (b"x = 1\r\ny = 2\rz = 3", "x = 1\ny = 2\nz = 3\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xfc'\n", "# -*- coding: latin-1 -*-\nx = 'ü'\n"),
        (b"#!/usr/bin/python\r\n# vim: set fileencoding=ISO_8859_15 :\r\nx = '\xa4'",
         "#!/usr/bin/python\n# vim: set fileencoding=ISO_8859_15 :\nx = '€'\n"),
        (b"# coding: cp1252\n'\x80'\n", "# coding: cp1252\n'€'\n"),
        ("x = 1\n# coding: latin-1\nü = 2\n".encode(), "x = 1\n# coding: latin-1\nü = 2\n"),
    ],
)  # fmt: skip
def test_encodings_python_would_take(data, text):
    assert decode_source(data, "hw3.py") == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a = 1\nx = '\xfc'\n", "'hw3.py' is not UTF-8 text: line 2"),
        ("x = 1".encode("utf-16"), "is UTF-16"),
        (b"x = 1\ny = '\0'", "null character in line 2"),
        (b"# coding: utf-7\n", "declares the encoding 'utf-7', which is not taken"),
        (b"# coding: rot13\nvzcbeg bf", "'rot13'"),
        (b"# coding: zip\n", "'zip'"),
        (b"\n# coding: unicode_escape\n", "'unicode-escape'"),
        (b"# coding: ascii\n'\xc3\xbc'", "not ASCII text"),
        (b"# coding: " + b"x" * 500, "declares the encoding"),
    ],
)
def test_other_bytes_are_refused_with_their_place(data, words):
    with pytest.raises(SubmissionError, match=words) as caught:
        decode_source(data, "hw3.py")
    assert len(str(caught.value)) < 200


@given(st.binary(max_size=200))
@example(b"# coding: latin-1\r\xff")
@example(b"\xef\xbb\xbf# coding: latin-1\n\xc3\xbc")
def test_any_bytes_give_text_or_a_submission_error(data):
    try:
        text = decode_source(data, "hw3.py")
    except SubmissionError:
        return
    assert "\0" not in text
    assert "\r" not in text
    assert not text or text.endswith("\n")
    text.encode("utf-8")


def test_the_text_means_what_the_bytes_meant_to_python():
    data = b"# coding: latin-1\r\nx = '''\xfc\r\n\xe9'''\r\n"
    text = decode_source(data, "hw3.py")
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(data))
