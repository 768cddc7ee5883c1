"""What a trial of `compare serving` finds."""

from pipeline.compare.experiment import Experiment, Figure

RATE = Figure("requests_per_second", "requests per second", "/s", more_is_better=True, digits=0)
MEDIAN = Figure("p50_seconds", "median latency (p50)", "ms", digits=2, scale=1e3)
TAIL = Figure("p99_seconds", "latency of the slowest percent (p99)", "ms", digits=1, scale=1e3)
CPU = Figure("cpu_seconds_per_request", "CPU of the task per request", "µs", digits=0, scale=1e6)
REQUESTS, ERRORS = "requests", "errors"
"""Keys of two counts: the requests that were answered, and those that failed."""

SERVING = Experiment("serving", "tandem compare serving", (RATE, MEDIAN, TAIL, CPU))
