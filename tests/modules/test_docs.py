"""The modules' READMEs say what the code says."""

from pathlib import Path

import pytest

from pipeline.terraform import module_docs

TEXT = """
variable "size" {
  description = "How \\"large\\" | small."
  type = object({
    width = number
  })
  default  = null
}

output "it" {
  description = "The thing."
  value       = 1
}
"""


def test_no_readme_is_stale() -> None:
    assert [str(file) for file in module_docs.stale_readmes()] == []


@pytest.mark.parametrize("folder", module_docs.folders(), ids=lambda path: path.name)
def test_every_readme_has_a_purpose_and_an_example(folder: Path) -> None:
    written = (folder / "README.md").read_text().split(module_docs.MARK)[0]
    assert "```hcl" in written
    assert len(written.splitlines()[2]) > 20


def test_a_variable_is_read_with_its_type_and_default(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text(TEXT)
    output, variable = module_docs.module_values(tmp_path)
    assert variable.description == 'How "large" | small.'
    assert (variable.type, variable.default) == ("object({ width = number })", "null")
    assert (output.kind, output.name) == ("output", "it")


def test_a_bar_does_not_break_the_table(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text(TEXT)
    assert (
        '| `size` | `object({ width = number })` | `null` | How "large" \\| small. |'
        in module_docs.tables(tmp_path)
    )
