"""Options that the comparisons of builds, serving and starts share."""

from typing import Annotated

import typer

WEEK = 7 * 24 * 60.0
"""The longest budget, in minutes."""

LayoutOption = Annotated[list[str] | None, typer.Option(help="monolith, sidecar or fused; may be repeated.")]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        help="A cell is finished when its interval is at most this wide: ± percent.", min=0.1, max=100
    ),
]
MarginOption = Annotated[
    float | None,
    typer.Option(help="What differs by less is as good as equal: ± percent.", min=0.1, max=100),
]
SeedOption = Annotated[int | None, typer.Option(help="Draws the order; random by default.")]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Continue the last comparison that was interrupted.")
]
