"""`tandem compare serving`: load on the layouts side by side, through the same load balancer.

`site` makes content and images, `tasks` runs one task of each layout as the local scheduler does,
`balancer` puts the project's HAProxy in front of them, `load` runs wrk. `verb` joins them to an experiment.
"""
