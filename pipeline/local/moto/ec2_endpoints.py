"""Gateway endpoints have a route in each of their route tables; moto forgets tables that come later.

https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from collections.abc import Callable
from typing import Any

from moto.ec2.models import EC2Backend

Backend = Any


def _routing(modify: Callable[..., None]) -> Callable[..., None]:
    def modify_vpc_endpoint(self: Backend, vpc_id: str, *rest: Any, **keywords: Any) -> None:  # noqa: ANN401 - of moto
        (endpoint,) = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])
        before = set(endpoint.route_table_ids or ())
        modify(self, vpc_id, *rest, **keywords)
        after = set(endpoint.route_table_ids or ())
        prefixes = endpoint.destination_prefix_list_id
        for table in after - before:
            self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)
        for table in (before - after) & self.route_tables.keys():  # a deleted table took its routes along
            self.delete_route(table, prefixes)

    return modify_vpc_endpoint


def patch() -> None:
    backend: Any = EC2Backend
    backend.modify_vpc_endpoint = _routing(backend.modify_vpc_endpoint)
