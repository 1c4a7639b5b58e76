#!/usr/bin/env bash
# One virtual environment per tool in benchmarks/.venvs; a tool that cannot be installed is skipped.
# Usage: install.sh [otter] [nbgrader] [gradescope]      PYTHON names the interpreter.
set -u
python=${PYTHON:-python3}
venvs=$(cd "$(dirname "$0")/.." && pwd)/.venvs

packages() {
  case $1 in
    otter) echo "otter-grader>=6,<7 pandas nbconvert ipykernel" ;;
    nbgrader) echo "nbgrader>=0.9,<0.10" ;;
    gradescope) echo "gradescope-utils>=0.5" ;;
    *) return 1 ;;
  esac
}

[ $# -gt 0 ] || set -- gradescope otter nbgrader
mkdir -p "$venvs"
for tool in "$@"; do
  if ! wanted=$(packages "$tool"); then
    echo "skipped $tool: unknown, one of gradescope, otter, nbgrader"
    continue
  fi
  venv=$venvs/$tool
  log=$venvs/$tool.log
  # shellcheck disable=SC2086 - the packages are words
  if "$python" -m venv --clear "$venv" >"$log" 2>&1 &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy $wanted >>"$log" 2>&1; then
    echo "installed $tool: $("$venv/bin/python" -m pip list --format=freeze 2>/dev/null |
      grep -iE '^(otter-grader|nbgrader|gradescope-utils)==')"
  else
    echo "skipped $tool: $(tail -n 1 "$log")"
  fi
done
