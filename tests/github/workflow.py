"""Runs the steps of a workflow here: bash for `run`, stand-ins for the few actions it uses.

Expressions are evaluated as far as our workflows use them; anything else is an error.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.export.readers import Command, Told, obeyed, reporter

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


def load(text: str) -> dict[str, Any]:
    """A workflow; YAML 1.1 reads its key `on` as true."""
    value: dict[Any, Any] = yaml.safe_load(text)
    value["on"] = value.pop(True, value.get("on"))
    return value


@dataclass
class Step:
    code: int
    log: str
    outputs: dict[str, str]

    @property
    def commands(self) -> list[Command]:
        return obeyed(self.log)


@dataclass
class Runner:
    """One job on one machine; `steps` holds what each step with an id or a name did."""

    repository: Path
    temp: Path
    values: dict[str, dict[str, Any]]
    path: str = os.environ["PATH"]
    steps: dict[str, Step] = field(default_factory=dict)
    told: Told | None = None
    summary: str = ""
    failed: bool = False

    def run(self, job: dict[str, Any], skip: tuple[str, ...] = ()) -> None:
        """Every step in order, as a runner does it; those named in `skip` are taken as done."""
        self.temp.mkdir(exist_ok=True)
        for step in job["steps"]:
            name = step.get("name") or step["uses"]
            if self.failed or not self._holds(step.get("if")):
                continue
            environment = {k: str(self._text(v)) for k, v in step.get("env", {}).items()}
            if name in skip:
                continue
            if "run" in step:
                done = self._bash(step["run"], environment)
            else:
                done = self._action(step, environment)
            self.steps[step.get("id") or name] = self.steps[name] = done
            if done.code and not step.get("continue-on-error"):
                self.failed = True

    def _bash(self, script: str, environment: dict[str, str]) -> Step:
        assert "${{" not in script, "text must reach a script as a variable"
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        path = self.temp / "script.sh"
        path.write_text(script)
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)],
            cwd=self.repository,
            env={
                "PATH": self.path,
                "HOME": str(self.temp),
                "GITHUB_ACTIONS": "true",
                "CI": "true",
                "GITHUB_WORKSPACE": str(self.repository),
                "RUNNER_TEMP": str(self.temp),
                **{name: str(file) for name, file in files.items()},
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        pairs = [line.partition("=") for line in files["GITHUB_OUTPUT"].read_text().splitlines()]
        return Step(result.returncode, result.stdout, {key: value for key, _, value in pairs})

    def _action(self, step: dict[str, Any], environment: dict[str, str]) -> Step:
        name = step["uses"].split("@")[0]
        if name == "classroom-resources/autograding-grading-reporter":
            self.told = reporter(step["with"]["runners"], environment)
            return Step(int(self.told.failed), self.told.log, {})
        assert name in ("actions/checkout", "actions/setup-python"), name
        return Step(0, "", {})

    def _holds(self, condition: str | None) -> bool:
        return condition is None or all(self._truth(part) for part in condition.split("&&"))

    def _truth(self, text: str) -> bool:
        left, operator, right = re.fullmatch(
            r"\s*([\w.-]+)\s*(?:(==|!=)\s*'([^']*)')?\s*", text
        ).groups()  # type: ignore[union-attr]
        value = self._value(left)
        if operator is None:
            return bool(value)
        return (str(value) == right) == (operator == "==")

    def _text(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return _EXPRESSION.sub(lambda m: str(self._either(m[1])), value)

    def _either(self, text: str) -> Any:
        found = [self._value(part.strip()) for part in text.split("||")]
        return next((value for value in found if value), found[-1])

    def _value(self, name: str) -> Any:
        parts = name.split(".")
        if parts[0] == "steps":
            step = self.steps.get(parts[1])
            return step.outputs.get(parts[3], "") if step else ""
        assert parts[0] in ("inputs", "secrets", "vars"), name
        return self.values[parts[0]].get(parts[1], "")


def defaults(workflow: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a called workflow: those given, and the defaults of the others."""
    inputs = workflow["on"]["workflow_call"]["inputs"]
    assert set(given) <= set(inputs)
    assert all(name in given for name, spec in inputs.items() if spec.get("required"))
    return {name: given.get(name, spec.get("default", "")) for name, spec in inputs.items()}
