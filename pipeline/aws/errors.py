"""What AWS's refusals are called, for rooms that do not import botocore."""

from botocore.exceptions import ClientError

__all__ = ["ClientError", "code", "reason", "status"]


def code(error: ClientError) -> str:
    """The refusal's code, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def reason(error: ClientError) -> str:
    """Code and message of the refusal, for a sentence."""
    return f"{code(error)} {error.response.get('Error', {}).get('Message', '')}".strip()


def status(error: ClientError) -> int:
    """The HTTP status of the refusal; 0 where there is none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
