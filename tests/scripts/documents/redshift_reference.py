"""A small project with documented cases of Amazon Redshift's SQL, for the tests of the list for users."""

from pathlib import Path

from documents.__main__ import BEGIN_SQL, REFERENCE

INDEX = """
- {name: LEN, page: r_LEN, group: text, kind: function}
- {name: ST_Area, page: ST_Area-function, group: spatial, kind: function}
- {name: VACUUM, page: r_VACUUM, group: commands, kind: command}
- {name: LOCK, page: r_LOCK, group: commands, kind: command}
"""
TEXT = "- {page: r_LEN, title: LEN, cases: [{sql: SELECT 1}, {sql: SELECT 2}, {sql: SELECT 3}]}"
COMMANDS = "- {page: r_VACUUM, title: VACUUM, cases: [{sql: VACUUM}]}"
STATUS = """
text: {r_LEN: {SELECT 1: wrong, SELECT 2: refused}}
commands: {r_VACUUM: {VACUUM: refused}}
"""
INDEPENDENT = """
runs: [{name: A benchmark, source: its makers, counts: 5 queries, right: 3, refused: 1, other: 1, explained: Ties.}]
doubts: [The guide is silent.]
"""


def write_redshift_reference(root: Path) -> None:
    """Writes the files that the list is made of, and the document that holds it."""
    folder = root / REFERENCE
    (folder / "pages").mkdir(parents=True)
    (folder / "index.yaml").write_text(INDEX)
    (folder / "independent.yaml").write_text(INDEPENDENT)
    (folder / "status.yaml").write_text(STATUS)
    (folder / "pages" / "text.yaml").write_text(TEXT)
    (folder / "pages" / "commands.yaml").write_text(COMMANDS)
    readme = root / "scripts" / "local_cloud" / "README.md"
    readme.parent.mkdir(parents=True)
    readme.write_text(f"# By hand\n\n{BEGIN_SQL}\nold\n")
