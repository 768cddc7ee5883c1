"""Functions: Lambda's container images, run on Docker behind ELBv2 and Lambda's Invoke.

Each pass reads Lambda's versions (`lambdas`) into values (`model`) and starts what is new. An invocation
resolves its qualifier, takes a container of that version from its fleet (`fleet`), and goes to the runtime
client in it through a Runtime API server (`runtime_api`). The gateway (`gateway`) turns the load balancer's
requests into events and back (`events`).
"""

from pipeline.local.awslambda.functions import Functions

__all__ = ["Functions"]
