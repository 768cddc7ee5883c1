"""docs/reference/settings.md lists every key of tandem.toml as the settings' model defines it."""

import json
import os

from pipeline.core.paths import ROOT
from pipeline.core.settings import Settings

PAGE = ROOT / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Every key of `tandem.toml`, generated from `pipeline/core/setting_tables.py`.
`TANDEM_WRITE_DOCS=1 make test-unit` updates this page.
A key without a default is required. Commands refuse unknown keys and other values.
"""
COLUMNS = "| key | type | default | allowed | meaning |\n|---|---|---|---|---|\n"
SCHEMA = Settings.model_json_schema()
TYPES = {"string": "text", "integer": "integer", "boolean": "boolean", "array": "list", "object": "table"}
TABLES = {
    "[sources.app], [sources.static], [sources.api]": "SourceSettings",
    "[task]": "TaskSettings",
    "[static]": "StaticSettings",
    "[api]": "ApiSettings",
    "[local]": "LocalSettings",
    "[environments.NAME]": "EnvironmentSettings",
}


def reference():
    """The page as it should be."""
    tables = (table(title, SCHEMA["$defs"][name]) for title, name in TABLES.items())
    return f"{HEAD}\n{COLUMNS}{row('name', SCHEMA['properties']['name'])}{''.join(tables)}"


def table(title, schema):
    rows = (row(key, value) for key, value in schema["properties"].items())
    return f"\n## {title}\n\n{schema['description']}\n\n{COLUMNS}{''.join(rows)}"


def row(key, value):
    kind = SCHEMA["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    cells = (f"`{key}`", TYPES[kind["type"]], default(value), allowed(kind), value["description"])
    return f"| {' | '.join(cells)} |\n"


def default(value):
    return f"`{json.dumps(value['default'])}`" if "default" in value else ""


def allowed(kind):
    low, high = kind.get("minimum", kind.get("ge")), kind.get("maximum", kind.get("le"))
    if "enum" in kind:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in kind["enum"])
    if low is not None:
        return f"{low} to {high}" if high is not None else f"{low} or more"
    if "pattern" in kind:
        return f"`{kind['pattern']}`".replace("|", "\\|")
    return "not empty" if "minLength" in kind else ""


def test_the_settings_reference_is_current():
    if os.environ.get("TANDEM_WRITE_DOCS"):
        PAGE.write_text(reference())
    assert reference() == PAGE.read_text()


def test_every_table_of_the_model_is_in_the_reference():
    models = {name for name, schema in SCHEMA["$defs"].items() if schema["type"] == "object"}
    assert models == {*TABLES.values(), "Sources"}
    nested = {name for name, value in SCHEMA["properties"].items() if "description" not in value}
    assert nested == {"sources", "task", "static", "api", "local", "environments"}


def test_tandem_toml_shows_every_key():
    text = (ROOT / "tandem.toml").read_text()
    keys = {key for name in TABLES.values() for key in SCHEMA["$defs"][name]["properties"]}
    assert {key for key in keys if f"{key} = " not in text and f".{key}]" not in text} == set()
