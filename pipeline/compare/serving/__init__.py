"""`tandem compare serving`: load on the layouts side by side, through the same load balancer.

`site` makes content and images, whose layouts run as one task each (`local.measured_task`),
`balancer` puts the project's HAProxy in front of them, `load` runs wrk. `verb` joins them to an experiment.
"""
