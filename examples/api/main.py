"""The Lambda handler: Mangum around the ASGI application, nothing else."""

from catalogue.web import app
from mangum import Mangum

handler = Mangum(app, lifespan="off")
