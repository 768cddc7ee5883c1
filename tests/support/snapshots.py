"""What ECS shows of a service during a rollout."""

from pipeline.aws.ecs import DeploymentSnapshot, ServiceSnapshot, Task

OLD, NEW = (
    "arn:aws:ecs:eu-central-1:1:task-definition/shop:1",
    "arn:aws:ecs:eu-central-1:1:task-definition/shop:2",
)
DEPLOYMENT = DeploymentSnapshot("ecs-svc/1", "PRIMARY", NEW, "IN_PROGRESS", "", 2, 0, 0, 0)
SNAPSHOT = ServiceSnapshot(NEW, 2, 2, (DEPLOYMENT,), (), ())
TASK = Task(
    "0123456789abcdef", NEW, "STOPPED", "UNKNOWN", "Essential container in task exited", "", (), {}, {}
)
