"""Start and stop a rig: a load balancer and functions in an account of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import docker

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.images.bases.provide import Bases
from pipeline.local.alb import LoadBalancer
from pipeline.local.alb.haproxy import HAProxy
from pipeline.local.awslambda import Functions, function_container
from pipeline.local.context import REGION, StackContext
from pipeline.local.moto import start_control_plane
from tests.local.alb.rig import Rig
from tests.support.ports import free_port
from tests.support.waiting import until


def _project(folder: Path, port: int) -> Project:
    settings = load(ROOT).settings
    local = settings.local.model_copy(update={"port": port})
    return Project(folder, settings.model_copy(update={"local": local}))


def _network_address(rig: Rig) -> None:
    ec2 = rig.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for at, zone in enumerate("ab"):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=f"{REGION}{zone}")


@contextmanager
def rigged(folder: Path) -> Iterator[Rig]:
    """A rig without resources; everything that it starts is removed at the end."""
    client = docker.from_env()
    stack = f"alb{uuid4().hex[:6]}"
    bases = Bases.ensure(load(ROOT), "albtests", names=("haproxy", "python"))
    labels = {"io.tandem.stack": stack}
    network = client.networks.create(f"tandem-{stack}", driver="bridge", labels=labels)
    network.reload()
    gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
    control_plane = start_control_plane(0)
    port, account = free_port(), str(uuid4().int)[:12]
    project = _project(folder, port)
    context = StackContext(
        stack,
        project,
        network.name,
        gateway,
        client,
        account,
        REGION,
        control_plane.health,
        control_plane.listen(gateway),
    )
    load_balancer, functions = (
        LoadBalancer(context, HAProxy(context, image=bases["haproxy"])),
        Functions(context),
    )
    rig = Rig(context, load_balancer, functions, bases, port, account, control_plane)
    _network_address(rig)
    ended = Event()
    looper = Thread(target=_loop, args=(rig, ended), daemon=True)
    looper.start()
    try:
        yield rig
    finally:
        ended.set()
        looper.join()
        functions.close()
        load_balancer.close()
        control_plane.stop()
        filters = {"label": f"io.tandem.stack={stack}"}
        for left in client.containers.list(all=True, ignore_removed=True, filters=filters):
            function_container.remove(left)
        until(lambda: not client.containers.list(all=True, ignore_removed=True, filters=filters))
        network.remove()


def _loop(rig: Rig, ended: Event) -> None:
    while not ended.wait(0.1):
        rig.load_balancer.reconcile()
        rig.functions.reconcile()
