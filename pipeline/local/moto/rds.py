"""RDS: an existing proxy takes new settings.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBProxy.html
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.rds.responses import RDSResponse

_SETTINGS = {
    "Auth": "auth",
    "RequireTLS": "require_tls",
    "IdleClientTimeout": "idle_client_timeout",
    "DebugLogging": "debug_logging",
    "RoleArn": "role_arn",
    "SecurityGroups": "vpc_security_group_ids",
}
"""Moto's attribute for each parameter; what a request leaves out stays."""


def _modify_db_proxy(self: RDSResponse) -> ActionResult:
    (proxy,) = self.backend.describe_db_proxies(db_proxy_name=self.params["DBProxyName"])
    for parameter, attribute in _SETTINGS.items():
        if parameter in self.params:
            setattr(proxy, attribute, self.params[parameter])
    proxy.updated_date = utcnow()
    return ActionResult({"DBProxy": proxy})


def patch() -> None:
    response: Any = RDSResponse
    response.modify_db_proxy = _modify_db_proxy
