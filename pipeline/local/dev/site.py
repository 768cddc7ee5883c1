"""The running parts of a site: a new app or API takes over once it is healthy, else the old one stays."""

from contextlib import suppress
from threading import Lock

from docker.errors import APIError

from pipeline.core import console
from pipeline.core.settings import Settings
from pipeline.images.docker import remove_untagged
from pipeline.local.dev.container_configs import Content, VolumeOf
from pipeline.local.dev.dev_session import DevSession
from pipeline.local.dev.front import Front, FrontServer, Targets
from pipeline.local.dev.site_containers import AppContainer, SiteContainers
from pipeline.local.dev.site_function import Function

_FINISH_SECONDS = 3
"""For how long an old app may finish its requests."""


def without_value(settings: Settings) -> list[str]:
    """The secrets and environment files of app and API: only AWS knows what is in them."""
    api_files = settings.api.environment_files if settings.api.enabled else ()
    files = {*settings.task.environment_files, *api_files}
    return [*sorted({*settings.task.secrets, *settings.api_secrets}), *sorted(files)]


class Site:
    """The app, the API and the port in front of them; `close` ends them."""

    def __init__(self, session: DevSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings
        self._targets = Targets()
        self._containers = SiteContainers(session.client, settings, session.network, session.labels)
        self._lock = Lock()
        self._app: AppContainer | None = None
        self._volume: VolumeOf | None = None
        self._api: Function | None = None
        if missing := without_value(settings):
            console.info(f"   without a value here: {', '.join(missing)}", style="yellow")
        self._server = FrontServer(Front(settings.api, self._targets), session.listener)

    @property
    def has_app(self) -> bool:
        return self._app is not None

    def fill_volume(self, image: str) -> VolumeOf:
        """The content of a static image; raises TandemError if it does not end with 0."""
        return self._containers.fill_volume(image)

    def use_app(self, image: str, content: Content) -> None:
        """Let `image` serve with `content`; raises TandemError if it does not become healthy."""
        with self._lock:
            app = self._containers.start_app(image, content)
            before, self._app, self._targets.app = self._app, app, app.port
            self._remove_app(before)
            volume, self._volume = self._volume, content if isinstance(content, VolumeOf) else None
            if volume and volume != self._volume:
                self._containers.remove(volume.container)
                remove_untagged(self._session.client, volume.image)

    def use_api(self, image: str) -> None:
        """Let `image` answer the API's requests; raises TandemError if it does not start."""
        session = self._session
        api = Function(
            session.client, image, self._settings.api, session.network, session.gateway, session.labels
        )
        api.start()
        before, self._api, self._targets.api = self._api, api, api
        if before:
            before.close()
            remove_untagged(session.client, before.image)

    def problem(self) -> str:
        """Why the app does not run any more, once for each app; empty while it runs."""
        app = self._app
        why = self._containers.problem(app) if app else ""
        if why and self._app is app:
            self._app, self._targets.app = None, 0
        return why

    def close(self) -> None:
        """End the port and the API; the session removes the containers."""
        self._server.close()
        if self._api:
            self._api.close()

    def _remove_app(self, app: AppContainer | None) -> None:
        if app is None:
            return
        with suppress(APIError):
            self._session.client.api.stop(app.id, timeout=_FINISH_SECONDS)
        self._containers.remove(app.id)
        if not self._app or app.image != self._app.image:
            remove_untagged(self._session.client, app.image)
