"""Route 53: a deleted record can be created again with the same values."""

from collections.abc import Callable
from typing import Any

from moto.route53.models import FakeZone, Route53Backend

RecordChange = dict[str, Any]


def _exists(zone: FakeZone, record: dict[str, Any]) -> bool:
    key = (record["Name"].rstrip("."), record["Type"])
    return any((each.name.rstrip("."), each.type) == key for each in zone.rrsets)


def _forgetting_deleted_records(change: Callable[..., None]) -> Callable[..., None]:
    """Moto refuses a record that it finds in its list of changes, where deleted ones stay."""

    def change_resource_record_sets(
        self: Route53Backend, zoneid: str, change_list: list[RecordChange]
    ) -> None:
        zone: Any = self.get_hosted_zone(zoneid)
        for record_change in change_list:
            record = record_change["ResourceRecordSet"]
            is_new = record_change["Action"] == "CREATE" and not _exists(zone, record)
            if is_new and record_change in zone.rr_changes:
                zone.rr_changes[:] = [each for each in zone.rr_changes if each != record_change]
        change(self, zoneid, change_list)

    return change_resource_record_sets


def patch() -> None:
    backend: Any = Route53Backend
    backend.change_resource_record_sets = _forgetting_deleted_records(backend.change_resource_record_sets)
