"""A small stack for tests: control plane, load balancer, functions, and clients that make load."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import boto3
import httpx
from moto.backends import get_backend

from pipeline.local.alb import LoadBalancer
from pipeline.local.awslambda import Functions
from pipeline.local.context import REGION, StackContext
from pipeline.local.moto import ControlPlane
from tests.support.waiting import until

HERE = Path(__file__).parent


def _client() -> httpx.Client:
    # One client for all: each new client would read the machine's certificates again.
    return httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Load:
    """The responses and errors of clients under load."""

    statuses: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass
class Rig:
    """One small stack."""

    context: StackContext
    load_balancer: LoadBalancer
    functions: Functions
    bases: dict[str, str]
    port: int
    account: str
    control_plane: ControlPlane
    http: httpx.Client = field(default_factory=_client)
    clients: dict[str, Any] = field(default_factory=dict)
    started: list[Any] = field(default_factory=list)

    def client(self, name: str) -> Any:
        if name not in self.clients:
            client = boto3.client(
                name,
                endpoint_url=self.control_plane.url,
                region_name=REGION,
                aws_access_key_id=self.control_plane.keys.access_key,
                aws_secret_access_key=self.control_plane.keys.secret_key,
            )
            client.meta.events.register(
                "before-sign",
                lambda request, **_: request.headers.add_header("x-moto-account-id", self.account),
            )
            self.clients[name] = client
        return self.clients[name]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elb(self) -> Any:
        return self.client("elbv2")

    def listen(self, *actions: dict[str, Any]) -> str:
        """A load balancer with one HTTP listener; its ARN."""
        ec2 = self.client("ec2")
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
        made = self.elb.create_load_balancer(Name=f"lb{uuid4().hex[:8]}", Subnets=subnets)
        balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        listener = self.elb.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=list(actions)
        )
        return listener["Listeners"][0]["ListenerArn"]

    @contextmanager
    def rule(self, listener: str, priority: int, action: dict[str, Any], **values: Any) -> Iterator[None]:
        """A rule, in effect within the block; `path_pattern=[...]` and others are its conditions."""
        conditions = [_condition(name.replace("_", "-"), value) for name, value in values.items()]
        mark = uuid4().hex
        rules = [self._rule(listener, priority, action, conditions)]
        at = [_condition("path-pattern", [f"/{mark}"])]
        rules.append(self._rule(listener, 9000 + priority, fixed(mark), at))
        try:
            until(
                lambda: self.load_balancer.problem or self.get(f"/{mark}").text == mark,
                what=f"rule {priority}",
            )
            yield
        finally:
            for rule in rules:
                self.elb.delete_rule(RuleArn=rule)
            until(lambda: self.get(f"/{mark}").text != mark)

    def _rule(self, listener: str, priority: int, action: dict[str, Any], conditions: list[Any]) -> str:
        made = self.elb.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=[action]
        )
        return str(made["Rules"][0]["RuleArn"])

    def group(self, **more: Any) -> str:
        vpc = self.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        arguments = {
            "Protocol": "HTTP",
            "Port": 8080,
            "VpcId": vpc,
            "TargetType": "ip",
            "HealthCheckPath": "/healthz",
            "HealthCheckIntervalSeconds": 5,
            "HealthCheckTimeoutSeconds": 2,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
            **more,
        }
        made = self.elb.create_target_group(Name=f"g{uuid4().hex[:8]}", **arguments)
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        # Shorter than ELBv2 allows: tests have no time.
        get_backend("elbv2")[self.account][REGION].target_groups[arn].health_check_interval_seconds = 1
        return arn

    def target(self, name: str) -> str:
        """Start a small HTTP server that knows its name; its address."""
        server = self.context.docker.containers.run(
            self.bases["python"],
            entrypoint=["python3", "-c", (HERE / "target.py").read_text(encoding="utf-8")],
            command=[name],
            name=self.context.name("target", name, uuid4().hex[:6]),
            labels=self.context.labels("target"),
            network=self.context.network,
            detach=True,
            stop_signal="SIGKILL",
        )
        self.started.append(server)
        server.reload()
        return str(server.attrs["NetworkSettings"]["Networks"][self.context.network]["IPAddress"])

    def register(self, group: str, *addresses: str) -> None:
        targets = [{"Id": address, "Port": 8080} for address in addresses]
        self.elb.register_targets(TargetGroupArn=group, Targets=targets)

    def deregister(self, group: str, *addresses: str) -> None:
        targets = [{"Id": address, "Port": 8080} for address in addresses]
        self.elb.deregister_targets(TargetGroupArn=group, Targets=targets)

    def set_attributes(self, group: str, attributes: dict[str, str]) -> None:
        self.elb.modify_target_group_attributes(
            TargetGroupArn=group,
            Attributes=[{"Key": key, "Value": value} for key, value in attributes.items()],
        )

    def state(self, group: str, address: str) -> str:
        return self.context.health.get(group, (address, 8080)).state.value

    def until_state(self, group: str, address: str, state: str) -> None:
        until(lambda: self.state(group, address) == state, what=f"{address} {state}")

    def until_left(self, group: str, address: str) -> None:
        """Until a deregistered target is drained, and its state forgotten."""
        self.until_state(group, address, "initial")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Get a path over a connection of its own, without cookies."""
        self.http.cookies.clear()
        return self.http.get(self.url + path, **more)

    def answers(self) -> bool:
        """Whether HAProxy answers, with any status."""
        try:
            return bool(self.get("/").status_code)
        except httpx.HTTPError:
            return False

    def names(self, count: int = 20, path: str = "/") -> Counter[str | int]:
        """The number of answers by target name; other answers by status."""
        responses = [self.get(path) for _ in range(count)]
        return Counter(
            response.json()["name"] if response.status_code == 200 else response.status_code
            for response in responses
        )

    def until_served(self, path: str, status: int = 200) -> httpx.Response:
        def served() -> httpx.Response | None:
            response = self.get(path)
            return response if response.status_code == status else None

        return until(served, what=f"{path} {status}")

    @contextmanager
    def load(self, path: str, clients: int = 4) -> Iterator[Load]:
        """Clients that ask again and again, each over one connection, while the block runs."""
        seen, stop = Load(), Event()

        def ask() -> None:
            with httpx.Client(timeout=30) as client:
                while not stop.is_set():
                    began = time.perf_counter()
                    try:
                        seen.statuses.append(client.get(self.url + path).status_code)
                    except httpx.HTTPError as error:
                        seen.errors.append(repr(error))
                    seen.seconds.append(time.perf_counter() - began)
                    time.sleep(0.005)

        with ThreadPoolExecutor(clients) as pool:
            for _ in range(clients):
                pool.submit(ask)
            try:
                yield seen
            finally:
                stop.set()


def fixed(body: str) -> dict[str, Any]:
    config = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": body}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def _condition(field_: str, value: Any) -> dict[str, Any]:
    configs = {
        "host-header": "HostHeaderConfig",
        "http-header": "HttpHeaderConfig",
        "http-request-method": "HttpRequestMethodConfig",
        "path-pattern": "PathPatternConfig",
        "query-string": "QueryStringConfig",
        "source-ip": "SourceIpConfig",
    }
    config = value if isinstance(value, dict) else {"Values": value}
    return {"Field": field_, configs[field_]: config}


def forward(*groups: str, **weights: Any) -> dict[str, Any]:
    """The action that forwards to these target groups, in equal shares."""
    shares = [{"TargetGroupArn": group, "Weight": 1} for group in groups]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": shares, **weights}}
