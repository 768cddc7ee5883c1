"""Lambda: functions from container images, run on Docker behind ELBv2 and Lambda's Invoke.

May import `alb`, `moto`, `core` and, of this room, `context` and `metric_buffer`. Each turn reads Lambda's
versions (`moto_lambda`) into values (`invocation`) and starts the new ones. An invocation resolves its
qualifier, takes an execution environment from the version's `container_pool`, and reaches the runtime client
in it through a Runtime API server (`runtime_api`). `alb_gateway` turns the load balancer's requests into
events and back (`alb_events`).
"""

from pipeline.local.awslambda.functions import Functions

__all__ = ["Functions"]
