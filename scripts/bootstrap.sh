# Sourced by the scripts: finds Python and Terraform, and makes .venv from a hash-locked list.
# Usage: require_terraform; bootstrap demo|dev   (sets $root and $python)

require_terraform() {
  if ! command -v terraform >/dev/null 2>&1; then
    echo "Terraform 1.9 or newer is missing: install it and put it on the PATH (https://developer.hashicorp.com/terraform/install)." >&2
    exit 1
  fi
}

bootstrap() {
  root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
  list="$root/requirements/$1.txt"

  found=""
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      found=$candidate
      break
    fi
  done
  if [ -z "$found" ]; then
    echo "Python 3.11 or newer is missing (looked for python3, python3.11 to python3.13; PYTHON=... names another)." >&2
    exit 1
  fi

  python="$root/.venv/bin/python"
  stamp="$root/.venv/.installed-$1"
  # dev.txt holds all of demo.txt, so a .venv made for the tests also serves the demo.
  for marker in "$stamp" "$root/.venv/.installed-dev"; do
    if [ -f "$marker" ] && [ "$(cat "$marker")" = "$(cat "$root/requirements/$(basename "$marker" | cut -d- -f2).txt" | cksum)" ]; then
      return
    fi
  done
  echo "Installing into .venv (once; about a minute) ..." >&2
  "$found" -m venv "$root/.venv" || {
    echo "Python's venv module is missing (Debian: apt-get install python3-venv)." >&2
    exit 1
  }
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$list" || exit 1
  cksum <"$list" >"$stamp"
}
