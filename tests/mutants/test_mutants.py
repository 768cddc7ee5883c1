"""The mutants fit the code, and a mutant that no test notices is shown."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, OutdatedError, load_mutants
from tests.mutants.run import PROJECT, main

MUTANTS = load_mutants()


@pytest.mark.slow
def test_each_mutant_changes_the_code_as_it_is() -> None:
    for mutant in MUTANTS:
        file, changed = mutant.find(PROJECT)
        if file.suffix == ".py":
            compile(changed, file, "exec")


def test_each_mutant_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert sorted(names) == sorted(set(names))


def test_the_tests_of_each_mutant_exist() -> None:
    for test in {test for mutant in MUTANTS for test in mutant.tests}:
        path, _, name = test.partition("::")
        assert (PROJECT / path).exists(), test
        name = name.partition("[")[0]
        assert not name or f"def {name}(" in (PROJECT / path).read_text(encoding="utf-8"), test


@pytest.mark.parametrize("old", ["1", "4"])
@pytest.mark.parametrize("place", ["a.py", ".", "gone.py"])
def test_a_mutant_that_no_longer_fits_is_named(tmp_path: Path, old: str, place: str) -> None:
    (tmp_path / "a.py").write_text("1 + 1\n")
    with pytest.raises(OutdatedError, match=r"adds too much: its old text occurs \d times in .*, not once"):
        Mutant("adds too much", place, old, "2", ()).find(tmp_path)


def test_a_mutant_of_a_folder_finds_its_file(tmp_path: Path) -> None:
    for name, text in {"a.py": "1 + 1\n", "b.py": "2 - 1\n", "c.txt": "-\n"}.items():
        (tmp_path / name).write_text(text)
    assert Mutant("adds", ".", "-", "+", ()).find(tmp_path) == (tmp_path / "b.py", "2 + 1\n")


def test_a_mutant_that_changes_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1 + 1\n")
    with pytest.raises(OutdatedError, match="changes nothing"):
        Mutant("adds too much", "a.py", "+", "+", ()).find(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "limits.py").write_text("def is_over(size: int) -> bool:\n    return size > 10\n")
    (root / "tests/test_limits.py").write_text(
        "from limits import is_over\n\n\ndef test_a_limit():\n"
        "    assert is_over(20)\n    assert not is_over(1)\n"
    )
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def mutants(folder: Path, **changes: str) -> Path:
    """A list of mutants of the small project, by name and what `size > 10` becomes."""
    entries = [
        f'[[mutant]]\nname = "{name}"\nplace = "limits.py"\nold = "size > 10"\nnew = "{new}"\n'
        'tests = ["tests/test_limits.py"]\n'
        for name, new in changes.items()
    ]
    (folder / "small.toml").write_text("\n".join(entries))
    return folder


def run(project: Path, lists: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script on the small project: in a process of its own, for it runs pytest in forks of itself."""
    call = f"main({[*arguments]}, Path({str(project)!r}), Path({str(lists)!r}))"
    script = f"import sys; from pathlib import Path; from tests.mutants.run import main; sys.exit({call})"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_word_that_no_mutant_has_is_wrong_usage(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--only=nothing"], project, mutants(tmp_path, noticed="False"))
    assert "no mutant has 'nothing' in its name or file" in capsys.readouterr().err


@pytest.mark.slow
def test_what_survives_is_shown_and_fails(project: Path, tmp_path: Path) -> None:
    done = run(project, mutants(tmp_path, noticed="False", unnoticed="size > 11"), "--jobs=2")
    assert done.returncode == 1
    assert re.search(r"killed .* noticed  \[tests/test_limits.py::test_a_limit\]", done.stdout)
    assert re.search(r"SURVIVED .* unnoticed ", done.stdout)
    assert "2 mutants: 1 killed, 1 survived" in done.stdout
    assert (project / "limits.py").read_text().endswith("size > 10\n"), "the project itself stays as it is"
    assert run(project, mutants(tmp_path, noticed="False"), "--only=noticed").returncode == 0


@pytest.mark.slow
def test_tests_that_fail_anyway_notice_nothing(project: Path, tmp_path: Path) -> None:
    (project / "limits.py").write_text("def is_over(size: int) -> bool:\n    return size > 10 and False\n")
    done = run(project, mutants(tmp_path, noticed="False"))
    assert done.returncode == 2
    assert "without any change: tests/test_limits.py::test_a_limit" in done.stderr


@pytest.mark.slow
def test_a_mutant_that_takes_all_memory_is_noticed(project: Path, tmp_path: Path) -> None:
    """Without a guard a loop may fill it, so that pytest itself cannot go on."""
    (project / "tests/conftest.py").write_text(
        "import limits\n\n\ndef pytest_unconfigure():\n    if limits.is_over(0):\n        raise MemoryError\n"
    )
    done = run(project, mutants(tmp_path, endless="True"))
    assert (done.returncode, "killed" in done.stdout) == (0, True), done.stderr
    assert "it took all memory" in done.stdout
