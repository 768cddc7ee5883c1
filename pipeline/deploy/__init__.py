"""The life of a release: one verb, one file (`release`, `rollback`, `plan`, `status`, `gc`, `doctor`).

A verb gets a `Session`: a project, one environment, and its AWS, platform, store, builder and Terraform
roots. `compose` makes a `Release` (`manifest`) from commits and images; `preflight/` checks it, `rollout/`
puts it into effect, `store/` records it. `api_runtime` moves the API between function and tasks;
`local_platform` brings up the local environment. The room imports `local`, `images` and the rooms below them.
"""
