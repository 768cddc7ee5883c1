"""`tandem compare` and `tandem report`: the bloated image beside the split, in builds, starts and serving.

`scenarios` changes throw-away clones of the sources. `plan` decides what is measured next, `engine`
measures it in a `workspace` and records a `measurement`; `builds` is the verb. `statistics` and `results` say
what was found, `report/` shows it. `experiment` and its modules do the same for anything but builds;
`serving/` and `start/` are such experiments. `run` and `table` are the look that `tandem up` takes once. The
room may import `deploy` and what lies below it; nothing but the commands imports it.
"""
