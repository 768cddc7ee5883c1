"""The local AWS: control planes by moto, in this process, with what a real release needs of them added."""

from pipeline.local.moto.control_plane import ControlPlane, client_environment, start_control_plane
from pipeline.local.moto.hooks import InvokeResponse, on_invoke, throttled

__all__ = [
    "ControlPlane",
    "InvokeResponse",
    "client_environment",
    "on_invoke",
    "start_control_plane",
    "throttled",
]
