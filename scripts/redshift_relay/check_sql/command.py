"""The command line of `redshift-relay check-sql`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from redshift_relay.check_sql.mistake import Mistake
from redshift_relay.check_sql.objects import check_objects
from redshift_relay.check_sql.queries import check_queries
from redshift_relay.check_sql.syntax import AVAILABLE

SUMMARY = "Checks SQL files of objects and queries, without AWS."


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if nothing is wrong, else 1 after a line for each mistake on standard error."""
    options = _parser().parse_args(arguments)
    values = dict(options.var)
    objects, queries, mistakes = 0, 0, []
    for folder in options.folders:
        if not folder.is_dir():
            mistakes.append(Mistake.of(folder, "is not a folder. Name a folder of SQL files, e.g. sql/objects."))
            continue
        for kind, part in _parts(folder):
            if kind == "objects":
                count, found = check_objects(part, values, syntax=options.syntax)
                objects += count
            else:
                count, found = check_queries(part, values, syntax=options.syntax)
                queries += count
            mistakes += found
    for mistake in sorted(set(mistakes)):
        print(mistake, file=sys.stderr)
    if mistakes:
        return 1
    print(f"{_counted(objects, 'object', 'objects')} and {_counted(queries, 'query', 'queries')} are valid.")
    if options.syntax and not AVAILABLE:
        print("Their syntax was not checked. Install redshift-relay[syntax] to check it, too.")
    return 0


def _parts(folder: Path) -> list[tuple[str, Path]]:
    """The folders to check, with their kind: a folder of both has the subfolders objects and queries."""
    inside = [(name, folder / name) for name in ("objects", "queries") if (folder / name).is_dir()]
    if inside:
        return inside
    has_settings = any(folder.glob("*.yaml"))
    has_objects = any(path.name.startswith(("V", "R__")) for path in folder.glob("*.[sS][qQ][lL]"))
    is_queries = has_settings or (folder.name == "queries" and not has_objects)
    return [("queries" if is_queries else "objects", folder)]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} has no value. Write {text}=VALUE.")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redshift-relay check-sql",
        description=f"{SUMMARY} A folder of objects has files such as V1__trips.sql and R__load.sql; a folder of "
        "queries has pairs of <name>.sql and <name>.yaml; a folder with subfolders objects and queries has both.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="folder of SQL files")
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        type=_value,
        metavar="name=value",
        help="value of a template variable. The syntax of files with other variables is not checked",
    )
    parser.add_argument(
        "--no-syntax", dest="syntax", action="store_false", help="apply the rules only, and do not parse the SQL"
    )
    return parser
