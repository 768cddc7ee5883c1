"""Keep the functions' containers equal to what the control plane's Lambda describes, and invoke them."""

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
from pipeline.local.awslambda.alb_events import HttpResponse
from pipeline.local.awslambda.alb_gateway import Gateway, answer, error, payload
from pipeline.local.awslambda.concurrency import ConcurrencyLimits
from pipeline.local.awslambda.container_pool import ContainerPool
from pipeline.local.awslambda.execution_environment import ExecutionEnvironment
from pipeline.local.awslambda.invocation import LATEST, FunctionVersion, InvocationRequest, InvocationResult
from pipeline.local.awslambda.metrics import InvocationMetrics
from pipeline.local.awslambda.moto_lambda import LambdaBackend
from pipeline.local.awslambda.runtime_api import failure
from pipeline.local.context import StackContext
from pipeline.local.moto import InvokeResponse, on_invoke, throttled

_IDLE_SECONDS = 300.0
_UNALIASED_SECONDS = 30.0
_OUTPUT_SECONDS = 0.05

Key = tuple[str, str]


class Functions:
    """The stack's Lambda functions."""

    def __init__(self, context: StackContext) -> None:
        self._context = context
        self._lambdas = LambdaBackend(context.account, context.region)
        self._limits = ConcurrencyLimits(self._lambdas.concurrency)
        self._metrics = InvocationMetrics(context.account, context.region)
        self._pools: dict[Key, tuple[FunctionVersion, ContainerPool]] = {}
        self._lock = Lock()
        self._warmers = ThreadPoolExecutor(2, "function-warm")
        for leftover in function_container.find_leftovers(context):
            function_container.remove(leftover)
        self._gateway = Gateway(shared_folder(context) / FUNCTIONS, self._serve)
        on_invoke(self.invoke)

    def reconcile(self) -> None:
        """Start new versions and close deleted ones; waits for no container."""
        versions = self._lambdas.versions()
        for key, version in versions.items():
            existing = self._pools.get(key)
            # A function that was deleted and created again has the same version numbers again.
            if version.number != LATEST and (existing is None or existing[0] != version):
                self._publish(version)
        with self._lock:
            deleted = [self._pools.pop(key) for key in self._pools.keys() - versions.keys()]
        for _, pool in deleted:
            pool.close()
        self._reap()
        self._metrics.flush()

    def close(self) -> None:
        """End the gateway and all containers."""
        self._gateway.close()
        self._warmers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for _, pool in pools:
            pool.close()

    def invoke(self, name: str, qualifier: str, event: bytes) -> InvokeResponse:
        """Answer Lambda's Invoke; the log is whole, since Docker hands over the output a moment later."""
        result = self._run(name, qualifier, event, output_seconds=_OUTPUT_SECONDS)
        if result.throttled:
            return throttled(result.version)
        return InvokeResponse(result.payload, result.version, result.error, result.log)

    def _serve(self, group: str, request: http1.HttpRequest) -> HttpResponse:
        """Answer one request of the load balancer to a target group, named by ARN."""
        target = _target(self._context, group)
        if target is None:
            return error(503)
        (name, qualifier), multi_value = target
        event = payload(request, group, multi_value=multi_value)
        return answer(self._run(name, qualifier, event), multi_value=multi_value)

    def _run(
        self, name: str, qualifier: str, event: bytes, *, output_seconds: float = 0.0
    ) -> InvocationResult:
        try:
            number = self._lambdas.resolve_version(name, qualifier)
            version, pool = self._pool(name, number)
        except TandemError as error_:
            return failure("ResourceNotFoundException", str(error_))
        invoked = (
            version.arn if qualifier == number else f"{version.arn.removesuffix(f':{number}')}:{qualifier}"
        )
        invocation = InvocationRequest(str(uuid4()), event, invoked, version.timeout, output_seconds)
        began = time.monotonic()
        with self._limits.admit(name) as is_admitted:
            self._metrics.concurrent(name, self._limits.running(name))
            result = _invoke(pool, invocation) if is_admitted else InvocationResult(b"", throttled=True)
        result = replace(result, version=number)
        self._metrics.count(name, qualifier, result, (time.monotonic() - began) * 1000)
        return result

    def _pool(self, name: str, number: str) -> tuple[FunctionVersion, ContainerPool]:
        """The version with its present settings, and its pool; changed settings make a new pool."""
        key = name, number
        existing = self._pools.get(key)
        if existing and number != LATEST:
            return existing
        version = self._lambdas.versions().get(key)
        if version is None:
            raise TandemError(f"there is no version {number} of function {name}")
        return self._pool_of(version)

    def _pool_of(self, version: FunctionVersion) -> tuple[FunctionVersion, ContainerPool]:
        key = version.name, version.number
        with self._lock:
            existing = self._pools.get(key)
            if existing and existing[0] == version:
                return existing
            entry = version, ContainerPool(lambda: ExecutionEnvironment(self._context, version))
            self._pools[key] = entry
        if existing:
            existing[1].close()
        return entry

    def _publish(self, version: FunctionVersion) -> None:
        """Set a new version to Pending until its image is here and its first container has started."""
        # Before there is a pool: moto creates versions in the state Active.
        self._lambdas.set_state(version, "Pending", "The function is being created.", "Creating")
        _, pool = self._pool_of(version)
        self._warmers.submit(self._warm, version, pool)

    def _warm(self, version: FunctionVersion, pool: ContainerPool) -> None:
        try:
            function_container.pull(self._context, version.image)
        except TandemError as problem:
            console.info(f"functions: {version.name} version {version.number} failed: {problem}")
            self._lambdas.set_state(version, "Failed", str(problem), "ImageAccessDenied")
            return
        # As on AWS, code that fails to start fails each invocation, not the version.
        if failed := pool.warm():
            reason = failed.payload.decode(errors="replace")
            console.info(f"functions: {version.name} version {version.number} does not start: {reason}")
        self._lambdas.set_state(version, "Active")

    def _reap(self) -> None:
        aliased = self._lambdas.aliased()
        for key, (_, pool) in list(self._pools.items()):
            pool.reap(_IDLE_SECONDS if key in aliased else _UNALIASED_SECONDS)


def _invoke(pool: ContainerPool, request: InvocationRequest) -> InvocationResult:
    environment = pool.take()
    if isinstance(environment, InvocationResult):
        return environment
    try:
        return environment.invoke(request)
    finally:
        pool.give(environment)


def _target(context: StackContext, arn: str) -> tuple[Key, bool] | None:
    """(function name and qualifier, multi-value headers) of a target group; None without a target."""
    group = get_backend("elbv2")[context.account][context.region].target_groups.get(arn)
    target = next(iter(list(group.targets)), None) if group else None
    if group is None or target is None:
        return None
    _, _, qualified = target.partition(":function:")
    name, _, qualifier = qualified.partition(":")
    multi_value = str(group.attributes.get("lambda.multi_value_headers.enabled")).lower() == "true"
    return (name, qualifier or LATEST), multi_value
