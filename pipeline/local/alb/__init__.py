"""The edge: HAProxy as the load balancer that ELBv2 describes.

Each pass reads ELBv2 (`elbv2`) into values (`model`), checks targets (`checks` decides, `checker` acts),
decides who serves (`members`) and what HAProxy's configuration says (`config`), and brings HAProxy there
(`proxy`): by commands while only targets come and go, else by a reload that closes no connection.
"""

from pipeline.local.alb.load_balancer import Edge

__all__ = ["Edge"]
