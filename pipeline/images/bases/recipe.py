"""Read images/base/bases.toml: the recipe of each base image."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Recipe(BaseModel):
    """One base image: its official name, and how to build it from Debian's packages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    official: str
    packages: Annotated[tuple[str, ...], Field(min_length=1)]
    user: str = ""
    links: Mapping[str, str] = {}
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    stop_signal: str = ""


@dataclass(frozen=True)
class Recipes:
    """The recipes of one folder, by name."""

    folder: Path
    by_name: Mapping[str, Recipe]

    def key(self, name: str) -> str:
        """A key that changes with the recipe of `name` and with the files that it adds."""
        overlay = sorted(file for file in (self.folder / name).rglob("*") if file.is_file())
        digest = hashlib.sha256(self.by_name[name].model_dump_json().encode())
        for file in (self.folder / "finish.sh", *overlay):
            digest.update(f"\0{file.relative_to(self.folder)}\0".encode() + file.read_bytes())
        return digest.hexdigest()[:12]


def read(folder: Path) -> Recipes:
    """Read `folder/bases.toml`."""
    raw = tomllib.loads((folder / "bases.toml").read_text(encoding="utf-8"))
    tables = {name: {"name": name, **table} for name, table in raw.items()}
    return Recipes(folder, TypeAdapter(dict[str, Recipe]).validate_python(tables))
