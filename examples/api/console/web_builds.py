"""The routes of builds, comparisons, triggers and environments. Every one reads; none changes anything."""

from functools import cache
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from console import builds as build_views
from console import comparisons as comparison_views
from console import environments as environment_views
from console import queue as queue_views
from console import views
from console.answers import Page, answer, cursor_of, key_of
from console.records import BUILD, COMPARISON, LAST, MEASUREMENT, Recent, connect
from console.web import store

Record = dict[str, Any]
router = APIRouter(prefix="/api")
_LOOKED_AT = 2_000
"""Records that one answer reads at most."""
_COMPARISONS = 100

Limit = Annotated[int, Query(ge=1, le=100)]
Last = Annotated[int, Query(ge=1, le=200)]
Few = Annotated[int, Query(ge=1, le=20)]
Image = Annotated[str, Query(max_length=100)]


@cache
def recent() -> Recent:
    """The newest records; kept for the life of the process."""
    return Recent(connect())


@cache
def queue() -> queue_views.Queue:
    """The environment's triggers."""
    return queue_views.Queue.connect()


@router.get("/builds")
def builds(request: Request, image: Image = "", cursor: str = "", limit: Limit = 20) -> Response:
    """Builds, newest first, of one image or of all. `next` is the cursor of the following page.

    A page may have fewer builds than asked for and still be followed by another: one answer reads 2000
    records at most.
    """
    page, last = Page(limit), ""
    for count, (key, record) in enumerate(connect().newest(BUILD, before=key_of(cursor) or LAST)):
        is_shown = build_views.is_whole(record) and image in {"", record["image"]}
        if count == _LOOKED_AT or (is_shown and not page.takes(build_views.build(record))):
            return answer(request, {"builds": page.rows, "next": cursor_of(last)})
        last = key
    return answer(request, {"builds": page.rows, "next": None})


@router.get("/builds/trend")
def trend(request: Request, image: Image = "", last: Last = 50) -> Response:
    """Each image's last builds by releases, oldest first, with the median of the newest and that before."""
    return answer(request, {"images": build_views.trends(_builds(), image, last)})


@router.get("/comparisons")
def comparisons(request: Request, cursor: str = "", limit: Few = 5) -> Response:
    """Comparisons of bloated and split builds, newest first, with medians of each scenario and variant."""
    before = key_of(cursor)
    plans = [each for _, each in recent().newest(COMPARISON, _COMPARISONS)]
    rows = comparison_views.rows(_builds(), list(filter(comparison_views.is_plan, plans)))
    rest = [each for each in rows if not before or comparison_views.key(each) < before]
    page, measurements = Page(limit), _measurements(rest[:limit])
    for each in rest:
        if not page.takes({**each, "sizes": comparison_views.tables(measurements.get(each["run"], ()))}):
            following = cursor_of(comparison_views.key(page.rows[-1]))
            return answer(request, {"comparisons": page.rows, "next": following})
    return answer(request, {"comparisons": page.rows, "next": None})


@router.get("/environments")
def environments(request: Request) -> Response:
    """What runs here and in the other environments that `tandem console` tells this API of."""
    return answer(request, {"environments": environment_views.rows(store(), queue())})


@router.get("/queue")
def triggers(request: Request, limit: Limit = 20) -> Response:
    """The triggers that wait or run, oldest first, and the last that a release took in, newest first.

    Waiting ones are those of the queue that the API reads; `waiting_known` is false if it reads none.
    Releases name theirs, wherever these came from.
    """
    shows_names = request.app.state.shows_names
    waiting, ended = queue().triggers()
    running = queue().running() if waiting and store().state().get("holder") else set()
    identities = {queue_views.identity(each) for each in (*waiting, *ended)}
    rows = [queue_views.ended(each, shows_names=shows_names) for each in ended[:limit]]
    numbers = store().numbers()[:limit]
    trails = store().trails(numbers)
    for manifest in store().manifests(numbers):
        end = views.outcome(trails[manifest["number"]])
        rows += queue_views.of_release(manifest, end, identities, shows_names=shows_names)
    rows.sort(key=lambda row: str(row["ended"]), reverse=True)
    first = waiting[:limit]
    waits = [
        queue_views.waiting(each, runs=each["name"] in running, shows_names=shows_names) for each in first
    ]
    is_known = queue().is_here or bool(identities)
    return answer(request, {"waiting": waits, "ended": rows[:limit], "waiting_known": is_known})


def _builds() -> list[Record]:
    """The newest builds that can be shown, newest first."""
    return [each for _, each in recent().newest(BUILD, _LOOKED_AT) if build_views.is_whole(each)]


def _measurements(page: list[dict[str, Any]]) -> dict[str, list[Record]]:
    """The measurements of these comparisons by run, oldest first."""
    runs: dict[str, list[Record]] = {each["run"]: [] for each in page}
    for each in page:
        if each["kind"] == comparison_views.UP:
            runs[each["run"]] = comparison_views.of_up(_builds(), each["run"])
    times = [each["at"] for each in page if each["kind"] != comparison_views.UP]
    if times:
        rows = connect().newest(MEASUREMENT, since=min(times))
        for _, record in islice(rows, _LOOKED_AT):
            if record["run"] in runs and comparison_views.is_measurement(record):
                runs[record["run"]].insert(0, record)
    return runs
