"""What comparisons of builds, serving and starts print alike: each run, and how they end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.core import console
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.compare.schedule import AnyPlan, AnyRun, C, Progress

_MINUTE = 60


def require_only_resume(options: Mapping[str, object], command: str) -> None:
    """Refuse every option beside --resume: a comparison is resumed with the plan that it began with.

    Raises:
        TandemError: an option is given.
    """
    # `is`, because 0 is a seed.
    names = [
        name for name, value in options.items() if value is not None and value is not False and value != []
    ]
    if names:
        raise TandemError(
            "--resume continues a comparison with its own plan: leave out"
            f" {', '.join(f'--{name}' for name in names)}",
            hint=f"{command} --resume",
        )


@contextmanager
def resumable(command: str) -> Iterator[None]:
    """Tell who interrupts the block how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        console.info(f"what was measured is stored; continue with: {command} --resume")
        raise


def show_run(progress: "Progress", what: str, *, warm_up: str = "") -> None:
    """Print one measured run, and how far the comparison is; `warm_up` names a run that does not count."""
    time_left = f"{progress.seconds_left / _MINUTE:.1f} min left"
    place = warm_up or f"{progress.done}/{progress.expected}"
    console.info(f"   {place:>9}, {time_left:>13}  {what}")


def show_imprecise(plan: "AnyPlan[C]", done: "Sequence[AnyRun[C]]", runs: str) -> None:
    """Print how many medians are not known well; `runs` is the noun of what was measured."""
    from pipeline.compare.schedule import unfinished  # noqa: PLC0415 - when the command runs

    wide = unfinished(plan, done)
    if wide:
        count = sum(len(plan.cells(size)) for size, _ in plan.sizes)
        console.info(
            f"{len(wide)} of {count} medians are not known as precisely as planned:"
            f" the budget is used, or {runs} failed"
        )
