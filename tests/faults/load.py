"""Visitors: threads that request the page, its asset and the API, and count the responses."""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import httpx

RATE = 50.0  # requests per second, of all visitors together
PATIENCE = 15.0  # seconds that a visitor waits for an answer
_MOST = 4 * 3600.0  # seconds after which visitors stop
_ASSET = re.compile(r'href="(/static/[^"]+\.[0-9a-f]{8}\.css)"')


@dataclass(frozen=True)
class Visitor:
    """What a visitor keeps between two requests."""

    connection: bool = False
    cookies: bool = False

    @property
    def browser(self):
        return self.connection and self.cookies


VISITORS = (Visitor(connection=True, cookies=True), Visitor(connection=True), Visitor())


@dataclass(frozen=True)
class Failure:
    """One request that was not served; `at` is seconds since the visitors came.

    `browser` says whether the visitor keeps connection and cookies, as browsers do.
    """

    at: float
    path: str
    what: str
    browser: bool


@dataclass
class Load:
    """Visitors of `url`: a browser, a client that keeps its connection alone, and one that keeps nothing."""

    url: str
    rate: float = RATE
    served: Counter = field(default_factory=Counter)
    assets: Counter = field(default_factory=Counter)  # served assets, by path and by whether a browser asked
    failures: list[Failure] = field(default_factory=list)
    excused: list[Failure] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list = field(default_factory=list)
    _began: float = 0.0

    def __enter__(self):
        self._began = time.monotonic()
        for visitor in VISITORS:
            thread = threading.Thread(target=self._visit, args=(visitor,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    @property
    def total(self):
        return sum(self.served.values())

    def excuse(self, path, *, exactly=False):
        """Excuse the failures so far at `path`, or below it: the fault under test causes them."""
        with self._lock:
            failures, self.failures = self.failures, []
            for failure in failures:
                is_excused = failure.path == path if exactly else failure.path.startswith(path)
                (self.excused if is_excused else self.failures).append(failure)

    def _visit(self, visitor):
        limits = httpx.Limits(max_keepalive_connections=1 if visitor.connection else 0)
        with httpx.Client(base_url=self.url, timeout=PATIENCE, limits=limits) as client:
            get = partial(self._get, client, visitor)
            due = time.monotonic()
            while not self._stopped.is_set() and time.monotonic() - self._began < _MOST:
                page = get("/", "page")
                asset = _ASSET.search(page)
                due = self._pace(due)
                if asset:
                    get(asset[1], "asset")
                    due = self._pace(due)
                get("/api/health", "api")
                due = self._pace(due)

    def _pace(self, due):
        due = max(due + len(VISITORS) / self.rate, time.monotonic() - 1)
        self._stopped.wait(max(0.0, due - time.monotonic()))
        return due

    def _get(self, client, visitor, path, kind):
        if not visitor.cookies:
            client.cookies.clear()
        try:
            answer = client.get(path)
        except httpx.HTTPError as error:
            return self._failed(path, repr(error), visitor.browser)
        if answer.status_code != 200:
            return self._failed(path, str(answer.status_code), visitor.browser)
        with self._lock:
            self.served[kind] += 1
            if kind == "asset":
                self.assets[path, visitor.browser] += 1
        return answer.text

    def _failed(self, path, what, browser):
        with self._lock:
            self.failures.append(Failure(round(time.monotonic() - self._began, 2), path, what, browser))
        return ""
