# Sourced by the scripts: finds Python and Terraform, and makes .venv from a hash-locked list.
# Usage: require_terraform; bootstrap demo|dev   (sets $root and $python); then install_list FOLDER LIST

require_terraform() {
  if ! command -v terraform >/dev/null 2>&1; then
    echo "Terraform 1.9 or newer is missing: install it and put it on the PATH (https://developer.hashicorp.com/terraform/install)." >&2
    exit 1
  fi
}

bootstrap() {
  root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
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
  # dev.txt holds all of demo.txt, so a .venv made for the tests also serves the demo.
  is_installed "$root/.venv" dev || install_list "$root/.venv" "$1"
}

# Makes a virtual environment of a hash-locked list, unless it is there as it should be: install_list FOLDER LIST
install_list() {
  if is_installed "$1" "$2"; then
    return
  fi
  echo "Installing into ${1#"$root"/} (once; about a minute) ..." >&2
  "$found" -m venv "$1" || {
    echo "Python's venv module is missing (Debian: apt-get install python3-venv)." >&2
    exit 1
  }
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$root/requirements/$2.txt" || exit 1
  cksum <"$root/requirements/$2.txt" >"$1/.installed-$2"
}

is_installed() {
  [ -f "$1/.installed-$2" ] && [ "$(cat "$1/.installed-$2")" = "$(cksum <"$root/requirements/$2.txt")" ]
}
