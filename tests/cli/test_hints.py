"""Every command in a hint can be pasted as it stands."""

import ast
import re
import shlex

import pytest

from pipeline.cli.commands import doctor
from pipeline.cli.hints import RunOptions
from pipeline.cli.main import _fail, app, verbs_with_environment
from pipeline.core.paths import ROOT
from tests.support.command_line import CliRunner, accept, command_of

COMMAND = re.compile(r"\btandem [a-z][^`;\n]*|\bmake [a-z-]+ ENV=[^`;\n]*")
VERBS = verbs_with_environment()


def hints():
    """Every text of the code that is a hint or names the next command, with one in it: file, line, text."""
    for file in sorted((ROOT / "pipeline").rglob("*.py")):
        code = file.read_text()
        nodes = [*ast.walk(ast.parse(code))] if COMMAND.search(code) else []
        parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in nodes:
            if id(node) in parts:
                continue
            values = [node.value] if isinstance(node, ast.keyword) and node.arg == "hint" else []
            # The hint of a finding, and texts that a name stands for.
            values += node.args[2:3] if isinstance(node, ast.Call) and is_finding(node) else []
            values += [node.value] if isinstance(node, ast.Assign) and is_constant(node) else []
            values += [node] if isinstance(node, ast.JoinedStr | ast.Constant) else []
            for value in values:
                text = text_of(value)
                is_hint = value is not node or re.search(r"\b(next|hint): ", text)
                if is_hint and COMMAND.search(text):
                    yield pytest.param(text, id=f"{file.relative_to(ROOT)}:{value.lineno}")


def is_finding(call):
    return isinstance(call.func, ast.Name) and call.func.id == "Finding"


def is_constant(statement):
    return any(isinstance(target, ast.Name) and target.id.isupper() for target in statement.targets)


def text_of(node):
    """The text of a string or an f-string, with 1 for each value; empty for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "1" for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"{text_of(node.body)};{text_of(node.orelse)}"
    if isinstance(node, ast.BinOp | ast.BoolOp):
        return ";".join(filter(None, (text_of(part) for part in ast.iter_child_nodes(node))))
    return ""


@pytest.mark.parametrize("hint", list(hints()))
def test_the_commands_of_a_hint_are_accepted_as_they_stand(hint):
    for command in COMMAND.findall(RunOptions("local", "", VERBS).complete(hint)):
        program, *words = shlex.split(command)
        if program == "tandem":
            accept(app, words)
        else:
            assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), command
            assert len(words) == 2, command


def test_a_hint_names_environment_and_project_of_the_run():
    run = RunOptions.of(["show", "9", "--env=prod", "--project", "a b"], "", VERBS)
    assert run.complete("tandem releases") == "tandem releases --env prod --project 'a b'"
    assert run.complete("`tandem rollback 3`; or wait") == (
        "`tandem rollback --env prod --project 'a b' 3`; or wait"
    )
    assert run.complete("tandem release --env dev").startswith("tandem release --project")
    assert run.complete("make apply ENV=…") == "make apply ENV=prod"
    assert run.complete("tandem static verify x") == "tandem static verify x"


def test_without_an_option_the_variable_counts_and_then_local():
    assert RunOptions.of(["show", "9"], "dev", VERBS).complete("tandem release") == "tandem release --env dev"
    assert RunOptions.of(["show", "9"], "", VERBS).complete("tandem release") == "tandem release --env local"


READING = (
    "plan",
    "verify",
    "releases",
    "show",
    "diff",
    "history",
    "waterfall",
    "status",
    "logs",
    "check",
    "doctor",
    "cost",
    "render",
)


@pytest.mark.parametrize("verb", READING)
def test_verbs_that_read_look_at_local_unless_told_otherwise(verb):
    command = command_of(app).commands[verb]
    (env,) = [parameter for parameter in command.params if parameter.name == "env"]
    assert (env.required, env.default) == (False, "local")


@pytest.mark.parametrize("verb", ["apply", "bootstrap", "release", "rollback", "gc"])
def test_verbs_that_change_something_must_be_told_where(verb):
    result = CliRunner().invoke(app, [verb], env={"TANDEM_ENV": ""})
    assert result.exit_code == 2
    assert "--env" in result.output


def test_doctors_hints_are_complete_as_well():
    assert doctor._hint("tandem release") == "tandem release --env local"


def test_the_command_in_an_error_is_complete_as_well(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tandem", "show", "9", "--env", "prod"])
    with pytest.raises(SystemExit):
        _fail("static is left out: `tandem release --allow-removal`", "")
    assert "`tandem release --env prod --allow-removal`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("called", "path", "expected"),
    [
        (".venv/bin/tandem", "", ".venv/bin/tandem status --env local"),
        (".venv/bin/tandem", "other", ".venv/bin/tandem status --env local"),
        (".venv/bin/tandem", ".venv/bin", "tandem status --env local"),
        ("my tools/tandem", "", "'my tools/tandem' status --env local"),
        ("-c", "", "tandem status --env local"),
    ],
)
def test_a_command_is_shown_as_the_shell_finds_it(tmp_path, monkeypatch, called, path, expected):
    for folder in (".venv/bin", "other", "my tools"):
        program = tmp_path / folder / "tandem"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / path) if path else str(tmp_path / "none"))
    monkeypatch.setattr("sys.argv", [called])
    assert RunOptions.of([], "", VERBS).complete("tandem status") == expected


def test_a_program_elsewhere_is_shown_by_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bin" / "tandem")])
    assert (
        RunOptions.of([], "", VERBS).complete("tandem status") == f"{tmp_path}/bin/tandem status --env local"
    )
