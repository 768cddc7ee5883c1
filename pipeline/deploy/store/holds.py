"""A hold on a source: an older commit is released instead of the head."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.core.audit import author, now
from pipeline.core.json_text import require_text
from pipeline.core.values import Commit, Source


@dataclass(frozen=True)
class Hold:
    """`commit` is released while the head is one of `avoid`; an empty `avoid` means every head.

    `at` and `expires` are ISO 8601 in UTC; an empty `expires` means never.
    """

    commit: Commit
    avoid: tuple[str, ...]
    why: str
    by: str
    at: str
    expires: str = ""

    def applies_to(self, head: Commit) -> bool:
        """Whether `head` is not to be released now."""
        is_over = self.expires and self.expires <= now()
        return not is_over and head.id != self.commit.id and (not self.avoid or head.id in self.avoid)

    def describe(self, environment: str) -> str:
        """The hold for a sentence, with the command that ends it in `environment`."""
        resume = f"`tandem resume --env {environment} {self.commit.source}`"
        until = f"until its head moves or {resume}" if self.avoid else f"until {resume}"
        if self.expires:
            until = f"until {self.expires} or {resume}"
        return f"held at {self.commit.short} since {self.at} by {self.by} ({self.why}) {until}"


Holds = Mapping[Source, Hold]


def dump(holds: Holds) -> dict[str, Any]:
    """The holds as JSON values."""
    return {source.value: asdict(hold) for source, hold in sorted(holds.items())}


def load(values: Mapping[str, Any]) -> dict[Source, Hold]:
    """Read what `dump` wrote; ValueError, KeyError or TypeError if it is damaged."""
    return {Source(source): _hold(Source(source), hold) for source, hold in values.items()}


def _hold(source: Source, values: Mapping[str, Any]) -> Hold:
    commit = values["commit"]
    return Hold(
        Commit(source, require_text(commit["id"]), require_text(commit["subject"])),
        tuple(require_text(head) for head in values["avoid"]),
        require_text(values["why"]),
        require_text(values["by"]),
        require_text(values["at"]),
        require_text(values.get("expires", "")),
    )


def after_rollback(
    holds: Holds,
    before: Mapping[Source, Commit],
    after: Mapping[Source, Commit],
    why: str,
    same: Mapping[Source, str] | None = None,
) -> dict[Source, Hold]:
    """The holds once the commits `before` have been replaced by the older ones `after`.

    `same` has the heads that build the same images as `before`: they stay away as well.
    """
    new_holds = dict(holds)
    for source, commit in after.items():
        old, hold = before.get(source), holds.get(source)
        if old is None or old.id == commit.id:
            continue
        if hold and hold.avoid[:1] == (commit.id,):
            del new_holds[source]  # forward again, to the head that was rolled back first
            continue
        avoid = _avoid(hold, commit, (old.id, *([same[source]] if same and source in same else [])))
        new_holds[source] = Hold(commit, avoid, why, author(), now())
    return new_holds


def _avoid(hold: Hold | None, new: Commit, old: tuple[str, ...]) -> tuple[str, ...]:
    if hold and not hold.avoid:
        return ()  # it is not about one head
    heads = [*(hold.avoid if hold else ()), *old]
    return tuple(head for head in dict.fromkeys(heads) if head != new.id)


def apply_holds(
    heads: Mapping[Source, Commit], holds: Holds, environment: str
) -> tuple[dict[Source, Commit], dict[Source, str]]:
    """The commits to release, and why for each source that is not its head."""
    active = {source: holds[source] for source, head in heads.items() if _is_held(holds, source, head)}
    commits = {**heads, **{source: hold.commit for source, hold in active.items()}}
    return commits, {
        source: f"{heads[source].short} is left out: {hold.describe(environment)}"
        for source, hold in active.items()
    }


def _is_held(holds: Holds, source: Source, head: Commit) -> bool:
    return source in holds and holds[source].applies_to(head)


def remaining(holds: Holds, commits: Mapping[Source, Commit]) -> Holds:
    """The holds once `commits` are released: the release of another commit ends the hold of its source."""
    return {
        source: hold
        for source, hold in holds.items()
        if source not in commits or commits[source].id == hold.commit.id
    }
