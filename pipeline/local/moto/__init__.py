"""The local AWS: control planes by moto, in this process, with what a real release needs of them added."""

from pipeline.local.moto.hooks import Invocation, on_invoke, throttled
from pipeline.local.moto.server import ControlPlane, environ, start

__all__ = ["ControlPlane", "Invocation", "environ", "on_invoke", "start", "throttled"]
