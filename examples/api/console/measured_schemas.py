"""The shapes of answers about builds and comparisons, for the OpenAPI document only."""

from typing import Annotated

from pydantic import Field

from console.schemas import At, Next, Shape

Bytes = Annotated[int | None, Field(description="Null if it is not known.")]
Middle = Annotated[float | None, Field(description="The median; null if it is not known.")]


class Step(Shape):
    name: str
    seconds: float


class Build(Shape):
    at: At
    image: str
    scenario: str | None
    run: str | None
    commits: dict[str, str]
    digest: str | None
    cache: str | None
    bytes_sent: Bytes
    image_bytes: Bytes
    layers: int | None
    outcome: str
    seconds: float
    steps: list[Step]
    not_cached: Annotated[str, Field(description="The first step that the cache did not have.")]
    machine: str


class Builds(Shape):
    builds: list[Build]
    next: Next


class Point(Shape):
    at: At
    seconds: float
    bytes_sent: Bytes
    commits: dict[str, str]


class Trend(Shape):
    image: str
    machine: str
    median: Annotated[float | None, Field(description="Of the newest ten.")]
    earlier: Annotated[float | None, Field(description="Of those before; null if there is none.")]
    builds: Annotated[list[Point], Field(description="Oldest first.")]


class Trends(Shape):
    images: list[Trend]


class Result(Shape):
    n: int
    failures: int
    median: float | None
    least: float | None
    most: float | None
    bytes_changed: Middle
    bytes_sent: Middle
    ratio: Annotated[float, Field(description="How many times as fast as the bloated build.")] = 1.0


class Scenario(Shape):
    scenario: str
    variants: dict[str, Result]


class Size(Shape):
    size: str
    scenarios: list[Scenario]


class Comparison(Shape):
    run: str
    at: At
    kind: str
    machine: str
    commits: dict[str, str] | None
    sizes: list[Size]


class Comparisons(Shape):
    comparisons: list[Comparison]
    next: Next
