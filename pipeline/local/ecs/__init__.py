"""ECS on Docker: each service's registered task definition, run exactly as it stands.

Three stages. *Read*: `definition` turns a task definition into values, `backend` the control plane's
services. *Decide*: `decide` and `rollout` (services), `order` (containers within a task) and `body` (what
Docker is asked for) are pure functions of values. *Act*: `scheduler` performs decisions, `task` runs one task
in a thread of its own, `engine` alone speaks to Docker, `backend` writes back what boto3 shall see.
"""
