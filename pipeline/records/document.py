"""A record as it is stored: its kind, its start and its values, with an id made of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

BUILD, COMPARISON, MEASUREMENT, HISTORY = "build", "comparison", "measurement", "history"
EXPERIMENT, TRIAL = "experiment", "trial"
KINDS = (BUILD, COMPARISON, MEASUREMENT, HISTORY, EXPERIMENT, TRIAL)
"""Kinds of records."""
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Document:
    """One record; equal records have equal ids, so that none is stored twice.

    `started_at` is UTC in ISO 8601. Records of one run share `run`. `body` has JSON values only.
    """

    kind: str
    started_at: str
    run: str
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        return hashlib.sha256(self.dump().encode()).hexdigest()[:32]

    def document(self) -> Self:
        return self

    def dump(self) -> str:
        """The record as one line of JSON, always in the same spelling."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @classmethod
    def load(cls, line: str) -> Self:
        """The record of one line; ValueError if it is torn or has another shape."""
        try:
            values = json.loads(line)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(values, dict) or values.keys() != {field.name for field in fields(cls)}:
            raise ValueError("no record")
        texts = (values["kind"], values["started_at"], values["run"])
        if not all(isinstance(text, str) for text in texts) or not isinstance(values["body"], dict):
            raise ValueError("a field of a record has another type")
        return cls(**values)


def parse_each(documents: Iterable[Document], parse: Callable[[Document], Parsed]) -> list[Parsed]:
    """What `parse` makes of each document; one for which it raises ValueError is left out."""
    values = []
    for document in documents:
        try:
            values.append(parse(document))
        except ValueError:
            continue
    return values


def known_fields(cls: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that `cls`, a dataclass, has fields for: a newer version may have written others."""
    return {key: values[key] for key in values.keys() & {field.name for field in fields(cls)}}
