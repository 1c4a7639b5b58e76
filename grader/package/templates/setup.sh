#!/usr/bin/env bash
# Run once, when Gradescope builds the image: Python, and the grader from the wheel beside this.
# The variable PIP_ARGS may hold further arguments of pip, such as another index for torch.
set -euo pipefail
ROOT="${AUTOGRADER_ROOT:-/autograder}"
HERE="$(cd "$(dirname "$0")" && pwd)"

find_python() {
  local name
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
    then
      command -v "$name"
      return
    fi
  done
  return 1
}

if ! PYTHON="$(find_python)"; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  for version in 3.12 3.11; do
    if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then
      break
    fi
  done
  PYTHON="$(find_python)" || { echo "Python 3.11 or newer cannot be installed here." >&2; exit 2; }
fi

"$PYTHON" -m venv "$ROOT/grader-venv"
install() {
  # shellcheck disable=SC2086
  "$ROOT/grader-venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    ${PIP_ARGS:-} "$@" "$HERE/@WHEEL@@EXTRAS@"
}
# the versions of the machine that made this; others where these are not to be had
install -c "$HERE/constraints.txt" || install

echo "What this machine can do (hidden tests need isolation level 2):"
"$ROOT/grader-venv/bin/grader" doctor || true
