"""Lambda's concurrency: what an account has, what functions reserve of it, and what is provisioned of that.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend

_ACCOUNT, _KEPT = 1000, 100
"""The account's concurrent executions, and those that no function can reserve or provision."""

Backend = Any
Function = Any


def provisioned(function: Function) -> dict[str, int]:
    """The provisioned instances of a function, by qualifier."""
    counts: dict[str, int] = function.__dict__.setdefault("provisioned", {})
    return counts


def _total(function: Function, except_qualifier: str = "") -> int:
    counts = provisioned(function).items()
    return sum(count for qualifier, count in counts if qualifier != except_qualifier)


def _reserved(backend: Backend, except_function: str) -> int:
    others = (each for each in backend.list_functions() if each.function_arn != except_function)
    return sum(int(each.reserved_concurrency or 0) for each in others)


def provision(backend: Backend, function: Function, qualifier: str, count: int) -> None:
    """Note the provisioned instances, or raise Lambda's error if they do not fit beside the others."""
    total = count + _total(function, qualifier)
    unreserved = _ACCOUNT - _KEPT - _reserved(backend, function.function_arn)
    if function.reserved_concurrency is None and total > unreserved:
        raise InvalidParameterValueException(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency"
            f" [{unreserved}]."
        )
    if function.reserved_concurrency is not None and total > int(function.reserved_concurrency):
        raise InvalidParameterValueException(
            "Requested Provisioned Concurrency should not be greater than the"
            " reservedConcurrentExecution for function"
        )
    provisioned(function)[qualifier] = count


def _reserving(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_function_concurrency(self: Backend, function_name: str, reserved_concurrency: object) -> object:
        function, count = self.get_function(function_name), int(str(reserved_concurrency))
        if _ACCOUNT - _reserved(self, function.function_arn) - count < _KEPT:
            raise InvalidParameterValueException(
                "Specified ReservedConcurrentExecutions for function decreases account's"
                f" UnreservedConcurrentExecution below its minimum value of [{_KEPT}]."
            )
        if count < _total(function):
            raise InvalidParameterValueException(
                f"ReservedConcurrentExecutions {count} should not be lower than function's total provisioned"
                f" concurrency [{_total(function)}]."
            )
        return put(self, function_name, reserved_concurrency)

    return put_function_concurrency


def patch() -> None:
    backend: Any = LambdaBackend
    backend.put_function_concurrency = _reserving(backend.put_function_concurrency)
