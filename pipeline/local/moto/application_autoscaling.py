"""Application Auto Scaling: tags of scalable targets, which the Terraform provider reads."""

import json
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response

_tags: dict[str, dict[str, str]] = {}


def _list_tags_for_resource(self: Response) -> str:
    return json.dumps({"Tags": _tags.get(self._get_param("ResourceARN"), {})})


def _tag_resource(self: Response) -> str:
    _tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


def _untag_resource(self: Response) -> str:
    for key in self._get_param("TagKeys"):
        _tags.get(self._get_param("ResourceARN"), {}).pop(key, None)
    return "{}"


def _keeping_tags(register: Callable[..., Any]) -> Callable[..., Any]:
    def register_scalable_target(self: Response) -> str:
        answer: str = register(self)
        if tags := self._get_param("Tags"):
            _tags[json.loads(answer)["ScalableTargetARN"]] = tags
        return answer

    return register_scalable_target


def patch() -> None:
    response: Any = Response
    response.list_tags_for_resource = _list_tags_for_resource
    response.tag_resource = _tag_resource
    response.untag_resource = _untag_resource
    response.register_scalable_target = _keeping_tags(response.register_scalable_target)
