"""Run Terraform: the only room that changes AWS.

`roots` is the room's door: `platform()` and `release()` give a `TerraformRoot` in an environment, with plan,
apply, destroy and output. Values for a root leave as files (`variable_files`); outputs and a `TerraformPlan`
come back. `runner` builds and reads command lines, `process` runs them to their end, `program` finds and
configures terraform, `failures` explains its errors, `desired_count` moves a service between Terraform and
autoscaling, `variable_values` evaluates variables. `cost/` estimates a month from plans; `module_docs` and
`validate` are run by `make lint`. The room imports `aws` and `core`.
"""
