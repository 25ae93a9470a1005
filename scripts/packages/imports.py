"""Finds the imports of a package that fail in Lambda, or that break the direction handlers -> relay -> boto3."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from packages.sources import SHARED, PackageError

LAMBDA_HAS = frozenset({"boto3", "botocore"})
"""What Lambda's Python runtimes include: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
(their own dependencies are not promised)."""

REMOVED_FROM_PYTHON = frozenset({
    "aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp",
    "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau",
    "telnetlib", "uu", "xdrlib",
})  # fmt: skip
"""In Python 3.11, but not in 3.13 (PEP 594, PEP 632): the runtime may be newer than the Python that builds."""


def forbidden_imports(files: Mapping[str, bytes], package: str, folder: Path) -> list[str]:
    """Returns lines such as `functions/file.py:3: imports requests`; raises PackageError if a file is not Python."""
    allowed = (sys.stdlib_module_names - REMOVED_FROM_PYTHON) | LAMBDA_HAS | {SHARED, package}
    forbidden: list[str] = []
    for name, text in files.items():
        if not name.endswith(".py"):
            continue
        where = folder / name
        try:
            tree = ast.parse(text, filename=str(where))
        except (SyntaxError, ValueError) as error:
            raise PackageError(f"{where}: not Python: {error}") from error
        for line, dots, module in _imports(tree):
            top = module.partition(".")[0]
            if dots >= len(PurePosixPath(name).parts):
                forbidden.append(f"{where}:{line}: imports {'.' * dots}{module}, which is above the package")
            elif not dots and top not in allowed:
                forbidden.append(f"{where}:{line}: imports {module}")
    return forbidden


def _imports(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """Yields (line, dots, module) of every import that runs, which those under `if TYPE_CHECKING:` do not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            for other in node.orelse:
                yield from _imports(ast.Module(body=[other], type_ignores=[]))
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, 0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.level, node.module or ""
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            target = ast.unparse(node.func).rpartition(".")[2]
            if target in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                name = node.args[0].value
                yield node.lineno, len(name) - len(name.lstrip(".")), name.lstrip(".")
        yield from _imports(node)
