"""Django's settings: no database, no sessions, nothing that is written to."""

import os

DEBUG = False
# Nothing here is signed. A project with sessions takes the key from a secret ([api.secrets]).
SECRET_KEY = os.environ.get("SECRET_KEY") or os.urandom(32).hex()
# The load balancer chooses what arrives here; its health checks name the target's own address.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # what the load balancer sends to a function at most
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
}
