"""Read ECS services and task definitions out of moto, and report clients' changes to the scheduler."""
