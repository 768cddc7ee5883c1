"""The help of `tandem` itself: its commands in sections, as plain text."""

from typing import Any

from typer.core import TyperGroup


class SectionedGroup(TyperGroup):
    """Lists the commands under the `rich_help_panel` that each was registered with."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's types are private
        """Write one list for each section, all with the same first column."""
        del ctx
        width = max(map(len, self.commands))
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            title = getattr(command, "rich_help_panel", None) or "Commands"
            line = (command.help or "").partition("\n")[0]
            sections.setdefault(title, []).append((name.ljust(width), line))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)
