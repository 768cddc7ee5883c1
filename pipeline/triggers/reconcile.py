"""Release what waits in the queue: one release for all triggers that came while another ran."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.core import console
from pipeline.core.errors import TandemError, error_reason
from pipeline.core.steps import step
from pipeline.core.trigger import RECONCILE
from pipeline.deploy.attention import moved_heads
from pipeline.deploy.release import release
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.selection import wanted_commits
from pipeline.deploy.session import WAIT, Session
from pipeline.deploy.store import Outcome as Deployed
from pipeline.deploy.tried import failed_heads
from pipeline.triggers.commit_status import set_status
from pipeline.triggers.queue import Ended, Entry, Queue, TriggerOutcome, ended_now, new_trigger
from pipeline.triggers.quiet import quiet_until

_NAMED = 3  # triggers in the reason of a release


def handle(session: Session, queue: Queue, entry: Entry) -> Ended | None:
    """Wait until `entry` has ended; release what waits whenever no other process of this machine does.

    None if it still waits, for the end of quiet hours.

    Raises:
        TandemError: its release failed, in this process or in another.
    """
    waited = False
    if _is_quiet(session):
        return None
    while True:
        with queue.turn() as mine:
            ended = queue.ended(entry.id)
            if ended is None and mine:
                drain(session, queue)
                return _require_no_failure(queue.ended(entry.id))
        if ended:
            console.info(f"   {entry.trigger.title}: {ended}")
            return _require_no_failure(ended)
        if not waited:
            console.info("   another release runs: this push goes with the next one")
            waited = True


def reconcile(session: Session, queue: Queue) -> ReleaseResult | None:
    """Release what waits, and heads that moved without a trigger.

    None if that would repeat a failure, if it waits for an approval, and during quiet hours.

    Raises:
        TandemError: the release failed, or another one runs for longer than half an hour.
    """
    if _is_quiet(session):
        return None
    with queue.turn(WAIT) as mine:
        _require_turn(mine)
        if not queue.waiting():
            why_not = _why_not(session)
            if why_not:
                console.info(why_not, style="yellow")
                return None
            _add_lost(session, queue)
        return drain(session, queue)


def release_all(session: Session, queue: Queue, why: str) -> ReleaseResult:
    """Release the heads for the reason `why`, whether or not a trigger waits.

    Raises:
        TandemError: the release failed, or another one runs for longer than half an hour.
    """
    with queue.turn(WAIT) as mine:
        _require_turn(mine)
        return drain(session, queue, why)


def drain(session: Session, queue: Queue, why: str = "") -> ReleaseResult:
    """Release for everything that waits, and store how each trigger ended; the caller has the turn.

    `why` is the reason of the release; without it, the triggers are.

    Raises:
        TandemError: the release failed.
    """
    entries = queue.waiting()
    queue.note_running(entries)
    for entry in entries:
        set_status(session.project, session.environment, entry.trigger, None)
    with step("take"):
        reason = why or _reason(entries)
    try:
        result = release(session, reason, [entry.trigger for entry in entries], retries=bool(why))
    except Exception as error:
        hint = error.hint if isinstance(error, TandemError) else "TANDEM_DEBUG=1 shows the traceback"
        end = ended_now(TriggerOutcome.FAILED, why=error_reason(error), hint=hint)
        _end_all(session, queue, [(entry, end) for entry in entries])
        raise
    finally:
        queue.note_idle()
    newest = {entry.trigger.source: entry.id for entry in entries}
    ends = [(each, _end(each, result, is_newest=newest[each.trigger.source] == each.id)) for each in entries]
    _end_all(session, queue, ends)
    queue.prune()
    for note in result.notes():
        console.info(note, style="yellow")
    return result


def _end_all(session: Session, queue: Queue, ends: Sequence[tuple[Entry, Ended]]) -> None:
    for entry, ended in ends:
        queue.end(entry, ended)
    for entry, ended in ends:
        set_status(session.project, session.environment, entry.trigger, ended)


def _end(entry: Entry, result: ReleaseResult, *, is_newest: bool) -> Ended:
    """How a trigger ended that `result` is the answer to."""
    source, number = entry.trigger.source, result.release.number
    left_out = {**result.same, **result.held}
    if source and source in result.failed:
        hint = f"fix it and push to {source} again; the other sources were released"
        why = f"the push to {source} was not released: {result.failed[source]}"
        return ended_now(TriggerOutcome.FAILED, why=why, hint=hint)
    if source and source in left_out:
        return ended_now(TriggerOutcome.SKIPPED, why=left_out[source])
    if not is_newest:
        return ended_now(
            TriggerOutcome.MERGED, release=number, why=f"a later push to {source} is in the release"
        )
    return (
        ended_now(TriggerOutcome.RELEASED, release=number) if result.is_new else _end_without(entry, result)
    )


def _end_without(entry: Entry, result: ReleaseResult) -> Ended:
    """How a trigger ended that led to no release of its own."""
    source, current = entry.trigger.source, result.release
    if result.waits:
        why = f"it waits: tandem approve {current.number} --env {current.environment}"
        return ended_now(TriggerOutcome.SKIPPED, release=current.number, why=why)
    released_commit = current.commits.get(source) if source else None
    if released_commit and entry.trigger.after == released_commit.id:
        why = "the release before had read this head already"
        return ended_now(TriggerOutcome.MERGED, release=current.number, why=why)
    return ended_now(TriggerOutcome.SKIPPED, why=f"release {current.number} runs these heads already")


def _is_quiet(session: Session) -> bool:
    gates = session.gates
    until = quiet_until(gates.quiet_hours, datetime.now(ZoneInfo(gates.timezone)))
    if until:
        period = f"quiet hours of {session.environment} until {until:%H:%M} {gates.timezone}"
        console.info(f"   {period}: pushes wait; tandem release --env {session.environment} does not")
    return until is not None


def _require_turn(mine: bool) -> None:  # noqa: FBT001 - what Queue.turn gives
    if not mine:
        raise TandemError("another release runs for half an hour already", hint="tandem queue")


def _require_no_failure(ended: Ended | None) -> Ended:
    if ended is None:
        raise TandemError("the trigger is gone: its files were deleted", hint="tandem queue")
    if ended.outcome is TriggerOutcome.FAILED:
        raise TandemError(ended.why, hint=ended.hint)
    return ended


def _reason(entries: Sequence[Entry]) -> str:
    titles = list(dict.fromkeys(entry.trigger.title for entry in entries))
    more = [f"{len(titles) - _NAMED} more"] if len(titles) > _NAMED else []
    return ", ".join([*titles[:_NAMED], *more]) or "tandem reconcile"


def _add_lost(session: Session, queue: Queue) -> None:
    """Add a trigger for each head that moved although no trigger waits."""
    current = session.store.current()
    same, commits = session.store.state().same, wanted_commits(session)
    reasons = failed_heads(session.store, commits, current, ())
    for source, head in sorted(moved_heads(current, commits).items()):
        if same.get(source) != head.id and source not in reasons:
            before = current.commits[source].id if current and source in current.commits else ""
            queue.add(new_trigger(RECONCILE, source, before, head.id))


def _why_not(session: Session) -> str:
    """Why no schedule releases these heads: their release failed, or waits. Empty if it does."""
    latest = session.store.latest()
    if latest is None or latest.number == session.store.state().current:
        return ""
    last = session.store.last_of(latest.number)
    if last is None or last.outcome not in {Deployed.FAILED, Deployed.ROLLED_BACK, Deployed.WAITING}:
        return ""
    commits, latest_commits = wanted_commits(session), latest.commits
    if {source: commit.id for source, commit in commits.items()} != {
        source: commit.id for source, commit in latest_commits.items()
    }:
        return ""
    what, env = f"release {latest.number} of these heads", session.environment
    if last.outcome is Deployed.WAITING:
        return f"{what} waits: tandem approve {latest.number} --env {env}"
    return (
        f"{what} {last.outcome.value}: {last.reason}; push a fix, or try it again: tandem release --env {env}"
    )
