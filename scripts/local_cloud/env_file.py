"""`env`: the file with which a shell talks to a local cloud."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

# A session token or a profile of the shell would otherwise be used with the local cloud's keys.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


def write_env(folder: Path, variables: Mapping[str, str]) -> Path:
    """Writes `export` lines into `env`, which only its owner can read. The file appears complete or not at all."""
    path, draft = folder / "env", folder / "env.draft"
    draft.touch(mode=0o600)
    exports = "".join(f"export {name}={quote(value)}\n" for name, value in variables.items())
    draft.write_text(f"unset {' '.join(_UNSET)}\n{exports}")
    draft.rename(path)
    return path


def without_profile(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what `env` unsets."""
    return {name: value for name, value in environment.items() if name not in _UNSET}
