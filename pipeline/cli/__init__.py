"""The `tandem` command: options, output, exit codes and one file for each verb.

A command parses its options, opens a session, calls the room that does the work, and prints the result:
data to stdout, messages to stderr (`core.console`). Errors travel up as `TandemError`; only `main.py`
catches them. The room may import every other room, and no other room imports it. It imports the others
inside the functions that need them, so that `--help`, `--version` and completion answer at once.
"""
