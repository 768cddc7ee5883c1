"""Render ECS task definitions, check them against Fargate's rules, and compare them.

`model` renders a `RenderInput` through the templates into a RegisterTaskDefinition request. `fargate` runs
the rules of `rules/` over a request and returns `Finding`s; a rule reads the request as `Node`s (`finding`).
`diff` compares two task definitions field by field. The package is pure: JSON values go in and out, and it
imports neither `pipeline` nor boto3, botocore or docker.
"""
