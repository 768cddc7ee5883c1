"""The steps of a build or a measurement: their places in time, and as bars of text."""

from pipeline.records.document import Document

_BAR = 30


def steps_of(document: Document) -> list[tuple[str, float, float]]:
    """Name, start and seconds of each step; the steps of a build follow each other."""
    spans = document.body.get("spans") or []
    steps = [(f"{span['image']} {span['name']}", span["start"], span["seconds"]) for span in spans]
    at = 0.0
    for step in document.body.get("steps") or []:
        steps.append((step["name"], at, step["seconds"]))
        at += step["seconds"]
    return steps


def step_bars(document: Document) -> list[str]:
    """A line for each step, with a bar where it was; ASCII, so that every terminal shows it."""
    steps = steps_of(document)
    end = max((start + seconds for _, start, seconds in steps), default=0.0)
    width = max((len(name) for name, _, _ in steps), default=0)
    lines = []
    for name, start, seconds in steps:
        first = round(_BAR * start / end) if end else 0
        length = max(round(_BAR * seconds / end) if end else 0, 1)
        bar = f"{' ' * min(first, _BAR - 1)}{'#' * length}"[:_BAR]
        lines.append(f"{name:<{width}}  {bar:<{_BAR}}  {seconds:8.2f} s")
    return lines
