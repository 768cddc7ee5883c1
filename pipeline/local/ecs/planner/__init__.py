"""Decide, and touch nothing: pure functions of immutable values, without Docker, moto or boto3.

`task_definition` and `task_state` are the values; `reconcile` and `deployments` plan a service, `task_health`
judges a task, `container_order` and `container_config` plan its containers.
"""
