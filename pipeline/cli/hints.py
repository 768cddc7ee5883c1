"""Complete the commands in a hint, so that they can be pasted as they stand."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cli.options import LOCAL

_COMMAND = re.compile(r"\btandem (?P<verb>[a-z]+)(?P<rest>[^`;]*)")
_ENVIRONMENT = re.compile(r"\bENV=\u2026")


@dataclass(frozen=True)
class RunOptions:
    """The options of this run that a command in a hint repeats; `verbs` are those that take `--env`.

    `program` is how the shell finds `tandem`.
    """

    environment: str
    project: str
    verbs: Collection[str]
    program: str = "tandem"

    @classmethod
    def of(cls, arguments: Sequence[str], default: str, verbs: Collection[str]) -> "RunOptions":
        """The run with these arguments; `default` is the value of TANDEM_ENV."""
        environment = _option("--env", arguments) or default or LOCAL
        return cls(environment, _option("--project", arguments), verbs, _program(sys.argv[0]))

    def complete(self, hint: str) -> str:
        """`hint` whose commands name the environment and the project of this run."""
        return _ENVIRONMENT.sub(f"ENV={self.environment}", _COMMAND.sub(self._complete, hint))

    def _complete(self, command: re.Match[str]) -> str:
        verb, rest = command["verb"], command["rest"]
        options = ""
        if verb in self.verbs and "--env" not in rest:
            options += f" --env {self.environment}"
        if self.project and verb in self.verbs and "--project" not in rest:
            options += f" --project {shlex.quote(self.project)}"
        return f"{self.program} {verb}{options}{rest}"


def _program(program: str) -> str:
    """`tandem` if the shell finds this program by it, else its path: `make` calls it by one."""
    path, executable = Path(program), shutil.which("tandem")
    if path.name != "tandem" or (executable and Path(executable).resolve() == path.resolve()):
        return "tandem"
    relative = os.path.relpath(path)
    return shlex.quote(str(path.resolve()) if relative.startswith("..") else relative)


def _option(name: str, arguments: Sequence[str]) -> str:
    """The value of option `name`, given as two arguments or as one; empty if it is not given."""
    for argument, value in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == name:
            return value
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""
