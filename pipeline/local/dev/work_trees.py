"""Serve app, content and API from work trees, and follow their changes until Ctrl-C."""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.interrupts import RunInterruptedError, interruptible
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.images import contexts
from pipeline.images.contexts import Context
from pipeline.images.docker import build_image
from pipeline.local.dev.container_configs import Mounted, VolumeOf
from pipeline.local.dev.content_folder import ContentFolder
from pipeline.local.dev.dev_session import DevSession, dev_session
from pipeline.local.dev.origins import Origins
from pipeline.local.dev.site import Site

_GROUP_MS, _STEP_MS, _LOOK_MS = 400, 40, 1000
_BASES = {Source.APP: "nginx", Source.STATIC: "busybox", Source.API: "python"}


def serve_work_trees(
    project: Project, folders: Mapping[Source, Path], port: int, ready: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C; `ready` gets the URL once the app was tried.

    Raises:
        TandemError: a folder is missing, another one runs, the port is taken, or Docker fails.
    """
    _serve(project, "dev", folders, port, ready, tuple(Source))


def serve_api(project: Project, folder: Path | None, port: int, ready: Callable[[str], None]) -> None:
    """Serve the API alone until Ctrl-C; `ready` gets its URL once it was tried.

    Raises:
        TandemError: the project has no API, or as `serve_work_trees` does.
    """
    if not project.settings.api.enabled:
        raise TandemError("this project has no API", hint="set enabled = true under [api] in tandem.toml")
    folders = {Source.API: folder} if folder else {}
    path = project.settings.api.path
    _serve(project, "api", folders, port, lambda url: ready(f"{url}{path}"), (Source.API,))


def _serve(  # noqa: PLR0913, PLR0917 - what a site is made of
    project: Project,
    kind: str,
    folders: Mapping[Source, Path],
    port: int,
    ready: Callable[[str], None],
    sources: Collection[Source],
) -> None:
    with dev_session(project, kind, port, "watchfiles") as session:
        origins = Origins.open(project, folders, session.folder, sources)
        site = Site(session, project.settings)
        following = Following(session, site, origins)
        for source in origins.served:
            console.info(f"{source!s:<8} {origins.title(source)}")
        # The API beside an app may take longer: its packages are downloaded.
        first = Source.APP if Source.APP in origins.served else Source.API
        try:
            with interruptible():
                following.refresh(origins.served)
                following.wait(first)
                ready(session.url)
                for changed in changed_sources(origins, project.state):
                    following.refresh(changed)
                    if why := site.problem():
                        console.info(f"   app: {why}", style="bold red")
        finally:
            following.close()
            site.close()


class Following:
    """Brings a site up to date with its sources; the app and the API are built beside each other.

    Content that a Dockerfile builds needs a new app container, too: its volume is chosen when that starts.
    """

    def __init__(self, session: DevSession, site: Site, origins: Origins) -> None:
        self._session = session
        self._site = site
        self._origins = origins
        self._settings = session.project.settings
        self._has_own_build = self._settings.static.builder == "docker"
        self._content = ContentFolder(session.folder / "content", session.folder / "work")
        self._bases = session.bases(*(_BASES[source] for source in self._built))
        self._trees: dict[Source, str] = {}
        self._volume: VolumeOf | None = None
        self._app = ""
        self._workers = {source: ThreadPoolExecutor(1) for source in (Source.APP, Source.API)}
        self._running: dict[Source, list[Future[None]]] = {source: [] for source in self._workers}

    @property
    def _built(self) -> list[Source]:
        return [
            source for source in self._origins.served if source is not Source.STATIC or self._has_own_build
        ]

    def refresh(self, sources: Collection[Source]) -> None:
        """Show the content as it is now, and start what else must be built; waits for no build."""
        if Source.STATIC in sources and not self._has_own_build:
            self._attempt(self._show_content)
        if Source.APP in sources or self._needs_app(sources):
            self._start(Source.APP, self._renew_app)
        if Source.API in sources:
            self._start(Source.API, self._renew_api)

    def wait(self, *sources: Source) -> None:
        """Wait for the builds that were started, of these sources or of all."""
        for source in sources or self._running:
            for each in self._running[source]:
                each.result()
            self._running[source].clear()

    def close(self) -> None:
        """Start no build any more, and wait for those that run."""
        for worker in self._workers.values():
            worker.shutdown(cancel_futures=True)

    def _needs_app(self, sources: Collection[Source]) -> bool:
        """Whether a change of the content needs another container of the app."""
        return Source.STATIC in sources and (self._has_own_build or not self._site.has_app)

    def _start(self, source: Source, work: Callable[[], None]) -> None:
        running = self._running[source]
        for future in [each for each in running if each.done()]:
            running.remove(future)
            future.result()
        running.append(self._workers[source].submit(self._attempt, work))

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do `work`; what fails is shown, and the site stays as it was until the next change."""
        try:
            with suppress(RunInterruptedError):
                work()
        except TandemError as error:
            console.info(error.message, style="bold red")

    def _show_content(self) -> None:
        count = self._content.show(*self._origins.tree(self._origins.commit(Source.STATIC)))
        if self._content.is_empty:
            raise TandemError(f"static: there is no file in {self._origins.title(Source.STATIC)}")
        if count and self._site.has_app:
            console.info(f"   static: {count} file{'s' if count > 1 else ''} changed")

    def _renew_app(self) -> None:
        began = time.monotonic()
        app = self._moved(Source.APP)
        content = self._moved(Source.STATIC) if self._has_own_build else None
        if not app and not content and self._site.has_app:
            return
        if app or not self._app:
            self._app = self._build(app or self._origins.commit(Source.APP))
        if self._has_own_build and (content or not self._volume):
            image = self._build(content or self._origins.commit(Source.STATIC))
            self._volume = self._site.fill_volume(image)
        self._site.use_app(self._app, self._volume or Mounted(self._content.folder))
        console.info(f"   app: serves after {time.monotonic() - began:.1f} s", style="green")

    def _renew_api(self) -> None:
        began = time.monotonic()
        commit = self._moved(Source.API)
        if commit:
            self._site.use_api(self._build(commit))
            console.info(f"   api: answers after {time.monotonic() - began:.1f} s", style="green")

    def _moved(self, source: Source) -> Commit | None:
        """The source's files, if those that an image is built from differ from the last ones."""
        commit = self._origins.commit(source)
        _, tree = self._origins.tree(commit)
        if tree == self._trees.get(source):
            return None
        self._trees[source] = tree
        return commit

    def _build(self, commit: Commit) -> str:
        console.info(f"-> building {commit.source} with Docker")
        with tempfile.TemporaryDirectory(prefix="tandem-dev-") as folder:
            context = self._context(commit, Path(folder) / "context")
            return build_image(
                self._session.client,
                context.folder,
                context.dockerfile,
                context.args,
                self._session.tag(commit.source.value),
                target=context.target,
                progress=lambda _: None,
            ).image_id

    def _context(self, commit: Commit, work: Path) -> Context:
        project, base = self._origins.project, self._bases[_BASES[commit.source]]
        match commit.source:
            case Source.APP:
                return contexts.app(project, commit, base, work)
            case Source.STATIC:
                return contexts.static(project, commit, base, work)
            case Source.API:
                return contexts.api(project, commit, base, work, self._session.client)


def changed_sources(origins: Origins, ignored: Path) -> Iterator[set[Source]]:
    """The sources whose work trees changed, again and again; an empty set each second without a change.

    `ignored` is a folder of Tandem's own. What git writes into its folder changes no file.
    """
    folders = {source: tree.folder for source, tree in origins.trees.items()}
    if not folders:
        while True:
            time.sleep(_LOOK_MS / 1000)
            yield set()

    def counts(_: object, path: str) -> bool:
        return ".git" not in Path(path).parts and not Path(path).is_relative_to(ignored)

    for changes in _watched(sorted(set(folders.values())), counts):
        paths = [Path(path) for _, path in changes]
        yield {
            source for source, folder in folders.items() if any(path.is_relative_to(folder) for path in paths)
        }


def _watched(folders: list[Path], counts: Callable[[object, str], bool]) -> Iterator[set[tuple[object, str]]]:
    """The changes below `folders`; by looking at each file in turn where the kernel watches no more."""
    for is_polling in (False, True):
        try:
            for changes in watch(
                *folders,
                watch_filter=counts,
                debounce=_GROUP_MS,
                step=_STEP_MS,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                ignore_permission_denied=True,
                force_polling=is_polling or None,
            ):
                yield set(changes)
        except OSError as error:
            if is_polling:
                raise TandemError(f"cannot watch the work trees: {error}", hint="tandem dev") from error
            console.info(f"   the kernel does not watch the work trees ({error}): they are polled")
