"""Choose commits of app and content that fit together; pure, but for the question whether two do."""

from collections.abc import Callable, Mapping

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.manifest import Release

Unmet = Callable[[Commit, Commit], str]
"""What the app's commit requires and the content's commit lacks; empty if they fit."""


def fit(
    commits: Mapping[Source, Commit], current: Release | None, unmet: Unmet
) -> tuple[dict[Source, Commit], dict[Source, str]]:
    """`commits`, but with those of `current` where a head waits for the other source; and why it waits.

    The app waits if the content does not have what it requires; the content waits if it lacks what the
    released app requires; nothing else stops.

    Raises:
        TandemError: they do not fit, and nothing was released that could stay.
    """
    app, static = commits[Source.APP], commits[Source.STATIC]
    why = unmet(app, static)
    if not why:
        return dict(commits), {}
    if current is None:
        raise TandemError(
            f"app and content do not fit: {app.short} of app waits: {why}",
            hint="push the content that it requires",
        )
    for waits in ((Source.APP,), (Source.STATIC,), (Source.APP, Source.STATIC)):
        combination = {**commits, **{source: current.commits[source] for source in waits}}
        if combination != commits and not unmet(combination[Source.APP], combination[Source.STATIC]):
            break
    return combination, {
        source: f"{commits[source].short} waits: {_reason(source, app, why)}"
        for source in waits
        if commits[source].id != combination[source].id
    }


def _reason(source: Source, app: Commit, why: str) -> str:
    return why if source is Source.APP else f"the app {app.short} needs other content: {why}"
