"""Finds a filesystem mirror with the AWS provider, and writes the CLI configuration that makes Terraform use it."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

PROVIDER = Path("registry.terraform.io/hashicorp/aws")
_DISCOVERY = "https://registry.terraform.io/.well-known/terraform.json"
_BELOW_SHARE = ("terraform/plugins", "terraform/providers", "terraform", ".")
_REGISTRY_SECONDS = 3


def cli_configuration(folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns TF_CLI_CONFIG_FILE: the caller's own file, else one in `folder` that names a mirror or is empty."""
    given = environment.get("TF_CLI_CONFIG_FILE")
    if given and Path(given).is_file():
        return {"TF_CLI_CONFIG_FILE": given}
    file = folder / "terraform.rc"
    mirror = next(mirrors(environment), None)
    if mirror is None:
        # With a TF_CLI_CONFIG_FILE that names no file, Terraform warns at each command.
        file.write_text("")
    else:
        file.write_text(
            "provider_installation {\n"
            f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["{PROVIDER}"]\n  }}\n'
            f'  direct {{\n    exclude = ["{PROVIDER}"]\n  }}\n}}\n'
        )
    return {"TF_CLI_CONFIG_FILE": str(file)}


def mirrors(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Yields the usual provider mirrors that hold hashicorp/aws, and first that of TF_PLUGIN_MIRROR."""
    folders = [Path(environment["TF_PLUGIN_MIRROR"])] if environment.get("TF_PLUGIN_MIRROR") else []
    folders += [Path.home() / ".terraform.d" / "plugins"]
    folders += [share / part for share in (Path("/usr/share"), Path("/usr/local/share")) for part in _BELOW_SHARE]
    folders += sorted(path for path in Path("/opt").glob("*") if path.is_dir())
    yield from (folder for folder in folders if (folder / PROVIDER).is_dir())


def can_reach_registry() -> bool:
    """Whether Terraform's registry answers, through the proxy of the environment if there is one."""
    try:
        with urllib.request.urlopen(_DISCOVERY, timeout=_REGISTRY_SECONDS) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
