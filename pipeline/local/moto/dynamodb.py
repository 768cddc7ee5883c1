"""DynamoDB: a table that exists changes its key."""

from collections.abc import Callable
from typing import Any

from moto.dynamodb.responses import DynamoHandler as Response


def _taking_a_key(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_table(self: Response) -> object:
        if (wanted := self.body.get("SSESpecification")) is not None:
            table: Any = self.dynamodb_backend.get_table(self.body["TableName"])
            own = table._get_default_encryption_key(self.current_account, self.region)  # noqa: SLF001 - moto has no other way
            table.sse_specification = {"KMSMasterKeyId": own, **wanted}
        return update(self)

    return update_table


def patch() -> None:
    response: Any = Response
    response.update_table = _taking_a_key(response.update_table)
