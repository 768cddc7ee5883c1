"""ECS: each service's registered task definition, run on Docker exactly as registered.

Three stages, one folder each. `api` reads services and task definitions out of moto into values. `planner`
decides, as pure functions of values: a service's next actions (`reconcile`), the order of a task's containers
(`container_order`) and their Docker configurations (`container_config`). `runner` acts: `scheduler` performs
the actions, `task_runner` runs one task in a thread of its own, `publish` writes the results back into moto.
May import `images` (the pause image), `core`, `moto` and, of this room, `context` and `target_health`.
"""
