"""What each reader takes, as JSON Schema: written from its rules, apart from our emitters."""

from __future__ import annotations

from typing import Any

FORMATS = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}


def exact(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


NUMBER = {"type": "number", "minimum": 0}
COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
OBJECT = {"type": "object"}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}

GRADESCOPE = exact(
    {
        "score": NUMBER,
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": exact(
                {"score": NUMBER, "max_score": NUMBER},
                {
                    "status": {"enum": ["passed", "failed"]},
                    "name": TEXT,
                    "name_format": FORMATS,
                    "number": TEXT,
                    "output": TEXT,
                    "output_format": FORMATS,
                    "tags": {"type": "array", "items": TEXT},
                    "visibility": VISIBILITY,
                    "extra_data": OBJECT,
                },
            ),
        },
    },
    {
        "execution_time": NUMBER,
        "output": TEXT,
        "output_format": FORMATS,
        "test_output_format": FORMATS,
        "test_name_format": FORMATS,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": OBJECT,
        "leaderboard": {"type": "array"},
    },
)

_PRAIRIELEARN_TEST = exact(
    {"name": NAME, "points": NUMBER, "max_points": NUMBER},
    {"description": TEXT, "message": TEXT, "output": TEXT, "images": {"type": "array"}},
)
_PRAIRIELEARN_TEXTS = {"message": TEXT, "output": TEXT, "images": {"type": "array"}}
PRAIRIELEARN = {
    "oneOf": [
        exact(
            {"score": {"type": "number", "minimum": 0, "maximum": 1}},
            {
                "gradable": {"const": True},
                "tests": {"type": "array", "items": _PRAIRIELEARN_TEST},
                **_PRAIRIELEARN_TEXTS,
            },
        ),
        exact(
            {"gradable": {"const": False}, "format_errors": {"type": "array", "minItems": 1}},
            {"tests": {"type": "array", "maxItems": 0}, **_PRAIRIELEARN_TEXTS},
        ),
    ]
}

STATUS = {"enum": ["passed", "failed", "skipped", "pending", "other"]}
CTRF = exact(
    {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "results": exact(
            {
                "tool": exact({"name": NAME}, {"version": TEXT, "extra": OBJECT}),
                "summary": exact(
                    {
                        **dict.fromkeys(
                            ("tests", "passed", "failed", "skipped", "pending", "other"), COUNT
                        ),
                        "start": COUNT,
                        "stop": COUNT,
                    },
                    {"extra": OBJECT},
                ),
                "tests": {
                    "type": "array",
                    "items": exact(
                        {"name": NAME, "status": STATUS, "duration": COUNT},
                        {
                            "suite": {"type": "array", "minItems": 1, "items": TEXT},
                            "message": TEXT,
                            "trace": TEXT,
                            "line": COUNT,
                            "rawStatus": TEXT,
                            "tags": {"type": "array", "items": TEXT},
                            "filePath": TEXT,
                            "stdout": {"type": "array", "items": TEXT},
                            "extra": OBJECT,
                        },
                    ),
                },
            },
        ),
    },
    {"generatedBy": TEXT, "extra": OBJECT},
)

CLASSROOM50 = exact(
    {
        "schema": {"const": "classroom50/result/v1"},
        **dict.fromkeys(("classroom", "assignment", "owner", "commit", "release", "review"), NAME),
        "assignment_type": {"enum": ["individual", "group"]},
        "submission": {"type": "string", "pattern": "^submit/"},
        "datetime": INSTANT,
        "score": COUNT,
        "max-score": COUNT,
        "tests": {
            "type": "array",
            "items": {
                **exact(
                    {
                        "test-name": NAME,
                        "passed": {"type": "boolean"},
                        "score": COUNT,
                        "max-score": COUNT,
                    }
                ),
                "additionalProperties": True,
            },
        },
    },
    {
        "graded_at": INSTANT,
        "submitted_by": exact({"username": NAME}, {"id": {"type": ["integer", "null"]}}),
    },
)

REPORTER = exact(
    {
        "version": {"const": 1},
        "status": {"enum": ["pass", "fail", "error"]},
        "max_score": NUMBER,
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": exact(
                {
                    "name": NAME,
                    "status": {"enum": ["pass", "fail", "error"]},
                    "message": TEXT,
                    "test_code": TEXT,
                    "filename": TEXT,
                    "line_no": COUNT,
                    "score": NUMBER,
                    "execution_time": COUNT,
                }
            ),
        },
    }
)
