"""The Lambda handler: Mangum around the ASGI application, nothing else."""

from application import app
from mangum import Mangum

handler = Mangum(app, lifespan="off")
