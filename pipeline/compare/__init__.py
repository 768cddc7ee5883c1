"""`tandem compare`: the build times of the bloated image beside those of the split.

`scenarios` commits changes to throw-away clones of the sources. `run` builds every scenario both ways in one
run and records the builds under the run's id. `table` reads these records and prints them side by side. The
room may import `deploy` and what lies below it; nothing but the commands imports it.
"""
