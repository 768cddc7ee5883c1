"""Read images/base/bases.toml: what each base image is made of."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Recipe(BaseModel):
    """One base: what a registry calls it, or what Debian's packages make of it."""

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
    """All recipes of one folder."""

    folder: Path
    by_name: Mapping[str, Recipe]

    def key(self, name: str) -> str:
        """Changes whenever anything that `name` is made from changes."""
        overlay = sorted(file for file in (self.folder / name).rglob("*") if file.is_file())
        digest = hashlib.sha256(self.by_name[name].model_dump_json().encode())
        for file in (self.folder / "finish.sh", *overlay):
            digest.update(f"\0{file.relative_to(self.folder)}\0".encode() + file.read_bytes())
        return digest.hexdigest()[:12]


def read(folder: Path) -> Recipes:
    """Read `folder/bases.toml`."""
    raw = tomllib.loads((folder / "bases.toml").read_text(encoding="utf-8"))
    named = {name: {"name": name, **table} for name, table in raw.items()}
    return Recipes(folder, TypeAdapter(dict[str, Recipe]).validate_python(named))
