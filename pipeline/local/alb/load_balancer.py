"""Keep HAProxy in step with the control plane's ELBv2."""

from dataclasses import replace
from threading import Event, Thread

from docker.errors import DockerException
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.local.alb import haproxy_config as config
from pipeline.local.alb import moto_elbv2 as elbv2
from pipeline.local.alb.access_log import Traffic
from pipeline.local.alb.haproxy import Proxy, RefusedError
from pipeline.local.alb.health_checker import Checker
from pipeline.local.alb.load_balancer_config import Front
from pipeline.local.alb.server_slots import Members, States, commands, members
from pipeline.local.alb.sockets import FUNCTIONS, LOG
from pipeline.local.context import StackContext
from pipeline.local.metric_buffer import Metrics

_LOOK = 1.0


class Edge:
    """The stack's load balancer."""

    def __init__(self, context: StackContext, proxy: Proxy | None = None) -> None:
        self._problems: dict[str, str] = {}
        self._context = context
        self._proxy = proxy or Proxy(context)
        self._traffic = Traffic(self._proxy.folder / LOG, Metrics(context.account, context.region))
        self._checker = Checker(context.health, self._proxy.folder / FUNCTIONS)
        self._wanted: tuple[Front, dict[str, States]] = (Front(), {})
        self._front = Front()
        self._members: Members = {}
        self._refused = self._refusal = ""
        self._wake, self._closed = Event(), Event()
        self._thread = Thread(target=self._run, name="load-balancer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why HAProxy is not as ELBv2 says; empty when it is."""
        return "; ".join(said for said in self._problems.values() if said)

    def reconcile(self) -> None:
        """Read ELBv2 and start what follows from it; HAProxy is brought there in a thread of its own."""
        front = self._read()
        self._checker.reconcile(front)
        wanted = (front, self._checker.states())
        self._traffic.look(*wanted)
        if wanted != self._wanted:
            self._wanted = wanted
            self._wake.set()

    def _read(self) -> Front:
        """ELBv2 as it is; with the rules before where those of now cannot be done."""
        where = self._context.account, self._context.region
        try:
            front = elbv2.front(*where)
        except TandemError as error:
            self._say("reading", str(error))
            return replace(self._wanted[0], groups=elbv2.groups(*where))
        self._say("reading", "")
        return front

    def close(self) -> None:
        """Leave HAProxy running: it serves on until the stack is taken down or a new process adopts it."""
        self._closed.set()
        self._wake.set()
        self._thread.join(timeout=5)
        self._checker.close()
        self._traffic.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.clear()
            try:
                self._act()
                self._say("acting", self._refusal)
            except (TandemError, DockerException, RequestException, OSError) as error:
                self._say("acting", str(error))
            self._wake.wait(_LOOK)

    def _act(self) -> None:
        fresh = self._proxy.ensure(lambda: config.text(self._front, self._members, self._proxy.port))
        front, states = self._wanted
        after = members(front, {} if fresh else self._members, states)
        text = config.text(front, after, self._proxy.port)
        if not fresh and text == config.text(self._front, self._members, self._proxy.port):
            self._refused = self._refusal = ""
        elif text != self._refused:
            self._bring(front, after, text, fresh=fresh)
            self._front, self._members = front, after
            self._refused = self._refusal = ""
        self._proxy.retire()

    def _bring(self, front: Front, after: Members, text: str, *, fresh: bool) -> None:
        unmoved = config.text(front, self._members, self._proxy.port)
        only_members = not fresh and unmoved == config.text(self._front, self._members, self._proxy.port)
        lines = commands(front, self._members, after) if only_members else None
        try:
            if lines is not None and self._proxy.tell(lines):
                self._proxy.keep(text)
            else:
                self._proxy.load(text)
        except RefusedError as error:
            self._refused, self._refusal = text, str(error)
            raise

    def _say(self, doing: str, problem: str) -> None:
        """Each problem once, and when it is over."""
        if problem != self._problems.get(doing, ""):
            console.info(f"load balancer: {problem or 'configured as ELBv2 describes again'}")
        self._problems[doing] = problem
