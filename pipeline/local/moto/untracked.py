"""Keep no list of all objects that ever were.

moto appends each model's instances to a list of the class, for the API that we refuse. So each log line, data
point and overwritten object stays in memory as long as the process.
"""

from typing import Any

from moto.core.common_models import BaseModel


def _new(cls: type[BaseModel], *_: object, **__: object) -> BaseModel:
    instance: BaseModel = super(BaseModel, cls).__new__(cls)
    return instance


def patch() -> None:
    model: Any = BaseModel
    model.__new__ = staticmethod(_new)
