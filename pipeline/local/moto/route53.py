"""Route 53: a record that was deleted can be made again, just as it was."""

from collections.abc import Callable
from typing import Any

from moto.route53.models import FakeZone, Route53Backend

Change = dict[str, Any]


def _is_there(zone: FakeZone, record: dict[str, Any]) -> bool:
    wanted = (record["Name"].rstrip("."), record["Type"])
    return any((found.name.rstrip("."), found.type) == wanted for found in zone.rrsets)


def _forgetting_what_is_gone(change: Callable[..., None]) -> Callable[..., None]:
    """Moto looks a new record up in the journal, where a deleted one stays."""

    def change_resource_record_sets(self: Route53Backend, zoneid: str, change_list: list[Change]) -> None:
        zone: Any = self.get_hosted_zone(zoneid)
        for one in change_list:
            gone = one["Action"] == "CREATE" and not _is_there(zone, one["ResourceRecordSet"])
            if gone and one in zone.rr_changes:
                zone.rr_changes[:] = [entry for entry in zone.rr_changes if entry != one]
        change(self, zoneid, change_list)

    return change_resource_record_sets


def patch() -> None:
    backend: Any = Route53Backend
    backend.change_resource_record_sets = _forgetting_what_is_gone(backend.change_resource_record_sets)
