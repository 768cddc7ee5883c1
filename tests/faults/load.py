"""Visitors: they ask for the page, its asset and the API all the time, and count what they get."""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import httpx

RATE = 50.0  # requests per second, of all visitors together
PATIENCE = 15.0  # seconds that a visitor waits for an answer
_VISITORS = 2
_MOST = 4 * 3600.0  # seconds after which visitors leave in any case
_ASSET = re.compile(r'href="(/static/[^"]+\.[0-9a-f]{8}\.css)"')


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
    """Visitors of `url`; half of them are like browsers, the others keep neither connection nor cookie."""

    url: str
    rate: float = RATE
    served: Counter = field(default_factory=Counter)
    assets: Counter = field(default_factory=Counter)  # served ones, by path and whether a browser asked
    failures: list[Failure] = field(default_factory=list)
    excused: list[Failure] = field(default_factory=list)
    _gone: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list = field(default_factory=list)
    _began: float = 0.0

    def __enter__(self):
        self._began = time.monotonic()
        for number in range(_VISITORS):
            thread = threading.Thread(target=self._visit, args=(bool(number % 2),), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_):
        self._gone.set()
        for thread in self._threads:
            thread.join()

    @property
    def total(self):
        return sum(self.served.values())

    def excuse(self, path, *, exactly=False):
        """What failed so far at `path`, or below it, is the fault's own doing."""
        with self._lock:
            failures, self.failures = self.failures, []
            for each in failures:
                ours = each.path == path if exactly else each.path.startswith(path)
                (self.excused if ours else self.failures).append(each)

    def _visit(self, browser):
        limits = httpx.Limits(max_keepalive_connections=1 if browser else 0)
        with httpx.Client(base_url=self.url, timeout=PATIENCE, limits=limits) as client:
            get = partial(self._get, client, browser)
            due = time.monotonic()
            while not self._gone.is_set() and time.monotonic() - self._began < _MOST:
                page = get("/", "page")
                asset = _ASSET.search(page)
                due = self._pace(due)
                if asset:
                    get(asset[1], "asset")
                    due = self._pace(due)
                get("/api/health", "api")
                due = self._pace(due)

    def _pace(self, due):
        due = max(due + _VISITORS / self.rate, time.monotonic() - 1)
        self._gone.wait(max(0.0, due - time.monotonic()))
        return due

    def _get(self, client, browser, path, kind):
        if not browser:
            client.cookies.clear()
        try:
            answer = client.get(path)
        except httpx.HTTPError as error:
            return self._failed(path, repr(error), browser)
        if answer.status_code != 200:
            return self._failed(path, str(answer.status_code), browser)
        with self._lock:
            self.served[kind] += 1
            if kind == "asset":
                self.assets[path, browser] += 1
        return answer.text

    def _failed(self, path, what, browser):
        with self._lock:
            self.failures.append(Failure(round(time.monotonic() - self._began, 2), path, what, browser))
        return ""
