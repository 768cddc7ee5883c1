"""The Application Load Balancer: HAProxy, configured as the control plane's ELBv2 describes it.

May import `images`, `core` and, of this room, `context`, `target_health` and `metric_buffer`. Each turn reads
ELBv2 (`moto_elbv2`) into values (`load_balancer_config`), checks the targets (`health_checker` acts,
`health_state` decides), assigns them to HAProxy's server slots (`server_slots`) and builds HAProxy's
configuration (`haproxy_config`). `load_balancer` applies it: by commands while only targets come and go, else
by a reload that closes no connection.
"""

from pipeline.local.alb.load_balancer import LoadBalancer

__all__ = ["LoadBalancer"]
