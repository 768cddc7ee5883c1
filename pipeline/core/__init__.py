"""What every room may use: errors, settings, values, console messages, steps.

`settings` parses tandem.toml, `platform` parses Terraform's outputs, `values` holds digests, image references
and commits: each parses text once and gives a frozen value. `steps` times, announces and records a step of a
run, and is where `fault_points` lets tests break it. `TandemError` (`errors`) is the one error that users
see. The room imports no other room.
"""
