"""The Lambda handler: Mangum around the ASGI application, nothing else."""

from application import app
from mangum import Mangum

app.state.streams = False
app.state.limits_answers = True
app.state.longest_wait = 5.0  # each request that waits holds an instance of the function

handler = Mangum(app, lifespan="off")
