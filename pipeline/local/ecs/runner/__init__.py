"""Run ECS services on Docker: the scheduler, one thread for each task, and the clients that they use.

`scheduler` holds one `service_runner` for each service, which holds one `task_runner` for each task. A task's
state passes from its thread's `task_record` through `publish` and `describe_task` to moto.
"""
