"""The tables of inputs and outputs, as scripts/document writes them."""

from pathlib import Path

import pytest

from documents.__main__ import BEGIN, main
from documents.tables import tables
from tests.scripts.documents.redshift_reference import write_redshift_reference

VARIABLES = r"""
variable "level" {
  description = "One of \"a|b\", not <c>; `d|<e>` is code, f* is not."
  type        = string
  default     = "a"
}

variable "rules" {
  description = <<-EOT
    A
    key:
    - `size`: how
      large.
      - `deep` `$${a}`

    Last.
  EOT
  type = map(object({
    size = optional(number, 5)
  }))
}

variable "names" {
  description = "All."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false
}

variable "size" {
  description = "Size."
  type        = number
  default     = 5
}

variable "none" {
  description = "Nothing."
  type        = bool
  default     = null
}
"""

TABLES = r"""## Inputs

| name | type | default | description |
|---|---|---|---|
| `rules` | `map(object)` | **required** | A key:<br>• `size`: how large.<br>&emsp;• `deep` `${a}`<br><br>Last. |
| `level` | `string` | `"a"` | One of "a\|b", not &lt;c>; `d\|<e>` is code, f\* is not. |
| `names` | `list(string)` | `["a", "b"]` | All. |
| `size` | `number` | `5` | Size. |
| `none` | `bool` | `null` | Nothing. |

### Keys of `rules`

| key | type | default |
|---|---|---|
| `rules.<key>.size` | `number` | `5` |

## Outputs

| name | description |
|---|---|
| `arn` | An ARN. |
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of a root module and one more."""
    for folder, document in ((tmp_path, "REFERENCE.md"), (tmp_path / "modules" / "one", "README.md")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "variables.tf").write_text(VARIABLES)
        (folder / "outputs.tf").write_text('output "arn" {\n  description = "An ARN."\n  value = 1\n}\n')
        (folder / document).write_text(f"# By hand\n\n{BEGIN}\nold\n")
    write_redshift_reference(tmp_path)
    return tmp_path


def test_tables(root: Path) -> None:
    assert tables(root) == TABLES


def test_what_is_written_by_hand_stays(root: Path) -> None:
    assert main([], root) == 0
    for document in (root / "REFERENCE.md", root / "modules" / "one" / "README.md"):
        assert document.read_text() == f"# By hand\n\n{BEGIN}\n\n{TABLES}"
    assert main(["--check"], root) == 0


def test_check_names_what_is_stale_and_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([], root)
    stale = root / "modules" / "one" / "README.md"
    (root / "modules" / "one" / "outputs.tf").write_text("")
    before = stale.read_text()
    capsys.readouterr()
    assert main(["--check"], root) == 1
    assert capsys.readouterr().err.splitlines()[0] == "stale: modules/one/README.md"
    assert stale.read_text() == before


def test_a_document_without_the_mark_is_not_overwritten(root: Path) -> None:
    document = root / "REFERENCE.md"
    document.write_text("# By hand\n")
    with pytest.raises(SystemExit, match=r"REFERENCE\.md: the line <!-- .* is missing"):
        main([], root)
    assert document.read_text() == "# By hand\n"
