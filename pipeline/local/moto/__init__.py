"""The control plane: moto in this process, with the behaviour of AWS that a release needs and moto lacks.

`control_plane` serves moto over HTTP; each other module patches the AWS service after which it is named, and
`patches` applies them all. The stack's parts plug into `hooks`: target health and function invocations. May
import `core`, `render` and, of this room, `target_health` and `stack_keys`. `gate` lets only signed requests
in. `ecs`, `alb` and `awslambda` read and write moto's backends directly.
"""

from pipeline.local.moto.control_plane import (
    ControlPlane,
    client_environment,
    prepare_moto,
    start_control_plane,
)
from pipeline.local.moto.hooks import InvokeResponse, on_invoke, throttled

__all__ = [
    "ControlPlane",
    "InvokeResponse",
    "client_environment",
    "on_invoke",
    "prepare_moto",
    "start_control_plane",
    "throttled",
]
