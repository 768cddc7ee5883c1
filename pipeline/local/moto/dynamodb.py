"""DynamoDB: UpdateTable changes the KMS key of a table."""

from collections.abc import Callable
from typing import Any

from moto.dynamodb.responses import DynamoHandler as Response


def _updating_key(update: Callable[..., Any]) -> Callable[..., Any]:
    def update_table(self: Response) -> object:
        if (specification := self.body.get("SSESpecification")) is not None:
            table: Any = self.dynamodb_backend.get_table(self.body["TableName"])
            default_key = table._get_default_encryption_key(self.current_account, self.region)  # noqa: SLF001 - moto has no other way
            table.sse_specification = {"KMSMasterKeyId": default_key, **specification}
        return update(self)

    return update_table


def patch() -> None:
    response: Any = Response
    response.update_table = _updating_key(response.update_table)
