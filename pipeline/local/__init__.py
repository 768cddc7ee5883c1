"""AWS on one machine, in AWS's own words: moto as the control plane, Docker as the data plane.

`stack` starts and stops a project's local stack from outside; `server` is the stack's process. It serves the
control plane (`moto`), and runs ECS services (`ecs`), the load balancer (`alb`) and Lambda functions
(`awslambda`) on Docker: each part reads its service out of moto in every turn, acts, and writes the result
back into moto, from where boto3 and Terraform read it. `examples` makes the example repositories.
`dev` serves work trees and previews beside the stack. The room may import `images` and the rooms below it.
"""
