"""Every format by name. A new one is a file with an `emit` and a line here."""

from __future__ import annotations

from grader.errors import UsageError
from grader.export import (
    canvas,
    class_csv,
    class_json,
    classroom,
    classroom50,
    ctrf,
    github_annotations,
    github_summary,
    gradescope,
    junit,
    moodle_gradebook,
    moodle_worksheet,
    prairielearn,
)
from grader.export.model import ClassEmitter, ReportEmitter
from grader.suggest import did_you_mean

EMITTERS: dict[str, ReportEmitter | ClassEmitter] = {
    "gradescope": ReportEmitter(emit=gradescope.emit, about="Gradescope's results.json"),
    "prairielearn": ReportEmitter(emit=prairielearn.emit, about="PrairieLearn's results.json"),
    "ctrf": ReportEmitter(
        emit=ctrf.emit, about="CTRF, the Common Test Report Format", options=("--source",)
    ),
    "junit": ReportEmitter(emit=junit.emit, about="JUnit XML as pytest writes it"),
    "github-summary": ReportEmitter(
        emit=github_summary.emit, about="a GitHub job summary in Markdown"
    ),
    "github-annotations": ReportEmitter(
        emit=github_annotations.emit,
        about="GitHub annotations, to be printed in a step",
        options=("--source",),
    ),
    "classroom": ReportEmitter(
        emit=classroom.emit, about="the payload of classroom-resources' grading reporter"
    ),
    "classroom50": ReportEmitter(emit=classroom50.emit, about="Classroom 50's result.json"),
    "canvas": ClassEmitter(
        emit=canvas.emit,
        about="a Canvas gradebook, from a downloaded one",
        options=("--gradebook", "--column"),
    ),
    "moodle-worksheet": ClassEmitter(
        emit=moodle_worksheet.emit,
        about="a Moodle grading worksheet, from a downloaded one",
        options=("--gradebook",),
    ),
    "moodle-gradebook": ClassEmitter(
        emit=moodle_gradebook.emit,
        about="a CSV for Moodle's gradebook import",
        options=("--gradebook", "--column"),
    ),
    "csv": ClassEmitter(emit=class_csv.emit, about="a plain CSV for a spreadsheet"),
    "json": ClassEmitter(emit=class_json.emit, about="plain JSON"),
}


def names(of: str) -> list[str]:
    """The formats of one "report" or of a "class"."""
    return [name for name, emitter in EMITTERS.items() if emitter.of == of]


def report_emitter(name: str) -> ReportEmitter:
    """The emitter, or a UsageError that names those there are."""
    emitter = EMITTERS.get(name)
    if not isinstance(emitter, ReportEmitter):
        if emitter is not None:
            raise UsageError(
                f"{name} is a format for a class's grades, not for one report.",
                hint=f"grader grades HOMEWORK --json FILE, then grader export {name} FILE.",
            )
        known = names("report")
        raise UsageError(
            f"There is no format {name!r} for one report.",
            hint=f"{did_you_mean(name, known)}There are: {', '.join(known)}.",
        )
    return emitter
