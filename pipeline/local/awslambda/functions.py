"""Keep functions in step with the control plane's Lambda, and invoke them."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from uuid import uuid4

from moto.backends import get_backend

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.local.alb.haproxy import shared_folder
from pipeline.local.alb.sockets import FUNCTIONS
from pipeline.local.awslambda import function_container, http1
from pipeline.local.awslambda.alb_events import Response
from pipeline.local.awslambda.alb_gateway import Gateway, answer, error, payload
from pipeline.local.awslambda.concurrency import Limits
from pipeline.local.awslambda.container_pool import Fleet
from pipeline.local.awslambda.execution_environment import Instance
from pipeline.local.awslambda.invocation import LATEST, Job, Outcome, Version
from pipeline.local.awslambda.metrics import Meter
from pipeline.local.awslambda.moto_lambda import Lambdas
from pipeline.local.awslambda.runtime_api import failure
from pipeline.local.context import StackContext
from pipeline.local.moto import InvokeResponse, on_invoke, throttled

_IDLE_SECONDS = 300.0
_UNALIASED_SECONDS = 30.0

Key = tuple[str, str]


class Functions:
    """The stack's functions."""

    def __init__(self, context: StackContext) -> None:
        self._context = context
        self._lambdas = Lambdas(context.account, context.region)
        self._limits = Limits(self._lambdas.concurrency)
        self._meter = Meter(context.account, context.region)
        self._fleets: dict[Key, tuple[Version, Fleet]] = {}
        self._lock = Lock()
        self._warmers = ThreadPoolExecutor(2, "function-warm")
        for stray in function_container.strays(context):
            function_container.remove(stray)
        self._gateway = Gateway(shared_folder(context) / FUNCTIONS, self._serve)
        on_invoke(self.invoke)

    def reconcile(self) -> None:
        """Start what is new, end what is gone; nothing waits for a container."""
        versions = self._lambdas.versions()
        for key, version in versions.items():
            known = self._fleets.get(key)
            # A function made anew counts its versions from 1 again.
            if version.number != LATEST and (known is None or known[0] != version):
                self._publish(version)
        with self._lock:
            gone = [self._fleets.pop(key) for key in self._fleets.keys() - versions.keys()]
        for _, fleet in gone:
            fleet.close()
        self._reap()
        self._meter.flush()

    def close(self) -> None:
        self._gateway.close()
        self._warmers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            fleets, self._fleets = list(self._fleets.values()), {}
        for _, fleet in fleets:
            fleet.close()

    def invoke(self, name: str, qualifier: str, event: bytes) -> InvokeResponse:
        """Lambda's Invoke."""
        outcome = self._run(name, qualifier, event)
        if outcome.throttled:
            return throttled(outcome.version)
        return InvokeResponse(outcome.payload, outcome.version, outcome.error, outcome.log)

    def _serve(self, group: str, request: http1.Request) -> Response:
        """One request of the load balancer to a target group."""
        found = _target(self._context, group)
        if found is None:
            return error(503)
        (name, qualifier), multi_value = found
        event = payload(request, group, multi_value=multi_value)
        return answer(self._run(name, qualifier, event), multi_value=multi_value)

    def _run(self, name: str, qualifier: str, event: bytes) -> Outcome:
        try:
            number = self._lambdas.choose(name, qualifier)
            version, fleet = self._fleet(name, number)
        except TandemError as gone:
            return failure("ResourceNotFoundException", str(gone))
        invoked = (
            version.arn if qualifier == number else f"{version.arn.removesuffix(f':{number}')}:{qualifier}"
        )
        job = Job(str(uuid4()), event, invoked, version.timeout)
        began = time.monotonic()
        with self._limits.one(name) as admitted:
            self._meter.concurrent(name, self._limits.running(name))
            outcome = _done(fleet, job) if admitted else Outcome(b"", throttled=True)
        outcome = replace(outcome, version=number)
        self._meter.count(name, qualifier, outcome, (time.monotonic() - began) * 1000)
        return outcome

    def _fleet(self, name: str, number: str) -> tuple[Version, Fleet]:
        """The version as configured now, and its fleet: another one when the configuration changed."""
        key = name, number
        known = self._fleets.get(key)
        if known and number != LATEST:
            return known
        version = self._lambdas.versions().get(key)
        if version is None:
            raise TandemError(f"there is no version {number} of function {name}")
        return self._made(version)

    def _made(self, version: Version) -> tuple[Version, Fleet]:
        key = version.name, version.number
        with self._lock:
            known = self._fleets.get(key)
            if known and known[0] == version:
                return known
            made = version, Fleet(lambda: Instance(self._context, version))
            self._fleets[key] = made
        if known:
            known[1].close()
        return made

    def _publish(self, version: Version) -> None:
        """A new version is pending until its image is here and its first container has started."""
        # Pending first: who finds the fleet must not find the control plane's first state, active.
        self._lambdas.mark(version, "Pending", "The function is being created.", "Creating")
        _, fleet = self._made(version)
        self._warmers.submit(self._warm, version, fleet)

    def _warm(self, version: Version, fleet: Fleet) -> None:
        try:
            function_container.pull(self._context, version.image)
        except TandemError as missing:
            console.info(f"functions: {version.name} version {version.number} failed: {missing}")
            self._lambdas.mark(version, "Failed", str(missing), "ImageAccessDenied")
            return
        # As on AWS, code that fails to start does not make the version fail, but each invocation of it.
        if failed := fleet.warm():
            said = failed.payload.decode(errors="replace")
            console.info(f"functions: {version.name} version {version.number} does not start: {said}")
        self._lambdas.mark(version, "Active")

    def _reap(self) -> None:
        aliased = self._lambdas.aliased()
        for key, (_, fleet) in list(self._fleets.items()):
            fleet.reap(_IDLE_SECONDS if key in aliased else _UNALIASED_SECONDS)


def _done(fleet: Fleet, job: Job) -> Outcome:
    taken = fleet.take()
    if isinstance(taken, Outcome):
        return taken
    try:
        return taken.invoke(job)
    finally:
        fleet.give(taken)


def _target(context: StackContext, arn: str) -> tuple[Key, bool] | None:
    """(function and qualifier, multi-value headers) of a target group; None if it has no target."""
    group = get_backend("elbv2")[context.account][context.region].target_groups.get(arn)
    target = next(iter(list(group.targets)), None) if group else None
    if group is None or target is None:
        return None
    _, _, named = target.partition(":function:")
    name, _, qualifier = named.partition(":")
    multi_value = str(group.attributes.get("lambda.multi_value_headers.enabled")).lower() == "true"
    return (name, qualifier or LATEST), multi_value
