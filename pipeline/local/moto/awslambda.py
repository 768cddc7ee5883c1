"""Lambda: immutable versions, settings that moto forgets, and invocations that run containers."""

import base64
import copy
import json
from collections.abc import Callable
from threading import Thread
from typing import Any
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.models import ImageConfig, LambdaFunction, LambdaStorage
from moto.awslambda.responses import LambdaResponse as Response

from pipeline.local.moto.hooks import InvokeResponse, hooks
from pipeline.local.moto.lambda_concurrency import provision, provisioned

Wrapped = Callable[..., Any]
Function = Any  # a LambdaFunction with the attribute `kept_settings`
Storage = Any
Answer = tuple[int, dict[str, str], str | bytes]

# Settings of CreateFunction and UpdateFunctionConfiguration that moto drops or never updates.
_KEPT = ("DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn", "LoggingConfig")
_LOG_TAIL = 4096


def _keep(function: Function, settings: dict[str, Any]) -> None:
    new = {key: settings[key] for key in _KEPT if key in settings}
    function.kept_settings = {**getattr(function, "kept_settings", {}), **new}
    if "ImageConfig" in settings:
        function.image_config = ImageConfig(settings["ImageConfig"])
    if "TracingConfig" in settings:
        function.tracing_config = settings["TracingConfig"]
    if "EphemeralStorage" in settings:
        function.ephemeral_storage = settings["EphemeralStorage"]["Size"]


def _initializing(init: Wrapped) -> Wrapped:
    def initialize(self: Any, account_id: str, spec: dict[str, Any], *rest: object, **more: object) -> None:  # noqa: ANN401
        self.kept_settings = {}
        init(self, account_id, spec, *rest, **more)
        _keep(self, spec)

    return initialize


def _updating_configuration(configure: Wrapped) -> Wrapped:
    def update_configuration(self: Function, config_updates: dict[str, Any]) -> dict[str, Any]:
        configure(self, config_updates)
        _keep(self, config_updates)
        return dict(self.get_configuration())

    return update_configuration


def _describing(describe: Wrapped) -> Wrapped:
    def get_configuration(self: Function, on_create: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        settings = {key: value for key, value in self.kept_settings.items() if value}
        configuration = {**describe(self, on_create), **settings}
        if not any(configuration.get("ImageConfigResponse", {}).get("ImageConfig", {}).values()):
            configuration.pop("ImageConfigResponse", None)  # Lambda tells nothing where nothing is set
        return configuration

    return get_configuration


def _describing_code(code: Wrapped) -> Wrapped:
    def get_code(self: Function) -> dict[str, Any]:
        answer: dict[str, Any] = code(self)
        if "ImageUri" in answer.get("Code", {}):
            answer["Code"]["ResolvedImageUri"] = answer["Code"]["ImageUri"]
        return answer

    return get_code


def _updating_code(update: Wrapped) -> Wrapped:
    """Keep the architecture, which new code may change."""

    def update_function_code(self: Function, spec: dict[str, Any]) -> dict[str, Any]:
        if spec.get("Architectures"):
            self.architectures = spec["Architectures"]
        return dict(update(self, spec))

    return update_function_code


def _publishing(publish: Wrapped) -> Wrapped:
    def publish_version(self: Storage, name_or_arn: str, description: str = "") -> Function:
        version = publish(self, name_or_arn, description)
        if version is not None:
            # moto shares the code between versions: without a copy, an update would change published ones.
            latest = self._functions[version.function_name]["latest"]
            latest.code = copy.deepcopy(latest.code)
        return version

    return publish_version


def _target(path: str, qualifier: str | None) -> tuple[str, str]:
    """Name and qualifier from `/2015-03-31/functions/<name, partial or full ARN>/invocations`."""
    identifier = unquote(path.rstrip("/").split("/functions/", 1)[1].rsplit("/", 1)[0])
    name, _, in_arn = identifier.rpartition(":function:")[2].partition(":")
    return name, qualifier or in_arn or "$LATEST"


def _respond(status: int, body: str | bytes = "", **headers: str) -> Answer:
    """An answer of moto, which takes the status from the header `status`."""
    dashed_headers = {key.replace("_", "-"): value for key, value in headers.items()}
    return status, {"status": str(status), **dashed_headers}, body


def _answer(response: InvokeResponse, *, tail: bool) -> Answer:
    headers = {"content_type": "application/json", "x_amz_executed_version": response.version}
    if response.exception:
        headers["x_amzn_ErrorType"] = response.exception
    if response.error:
        headers["x_amz_function_error"] = response.error
    if tail:
        headers["x_amz_log_result"] = base64.b64encode(response.log[-_LOG_TAIL:]).decode()
    return _respond(response.status, response.payload, **headers)


def _invoke(self: Response) -> Answer:
    name, qualifier = _target(self.path, self._get_param("Qualifier") or self._get_param("qualifier"))
    if qualifier == "$LATEST":
        self.backend.get_function(name)
    body = self.body.encode() if isinstance(self.body, str) else self.body
    kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    if kind == "DryRun":
        return _respond(204)
    if kind == "Event":
        Thread(target=hooks.invoke, args=(name, qualifier, body or b"{}"), daemon=True).start()
        return _respond(202)
    response = hooks.invoke(name, qualifier, body or b"{}")
    return _answer(response, tail=self.headers.get("X-Amz-Log-Type") == "Tail")


def _function_and_qualifier(self: Response) -> tuple[Function, str]:
    function = self.backend.get_function(unquote(self.path.rstrip("/").split("/")[-2]))
    return function, str(self._get_param("Qualifier"))


def _configuration(count: int) -> dict[str, Any]:
    return {
        "RequestedProvisionedConcurrentExecutions": count,
        "AvailableProvisionedConcurrentExecutions": count,
        "AllocatedProvisionedConcurrentExecutions": count,
        "Status": "READY",
    }


def _put_provisioned_concurrency_config(self: Response) -> Answer:
    count = int(self.json_body["ProvisionedConcurrentExecutions"])
    provision(self.backend, *_function_and_qualifier(self), count)
    return _respond(202, json.dumps(_configuration(count)))


def _get_provisioned_concurrency_config(self: Response) -> Answer:
    function, qualifier = _function_and_qualifier(self)
    count = provisioned(function).get(qualifier)
    if count is None:
        error = {"Message": "No Provisioned Concurrency Config found for this function", "Type": "User"}
        kind = "ProvisionedConcurrencyConfigNotFoundException"
        return _respond(404, json.dumps(error), x_amzn_ErrorType=kind)
    return _respond(200, json.dumps(_configuration(count)))


def _delete_provisioned_concurrency_config(self: Response) -> Answer:
    function, qualifier = _function_and_qualifier(self)
    provisioned(function).pop(qualifier, None)
    return _respond(204)


def _patch_functions(function: Function, storage: Storage) -> None:
    function.__init__ = _initializing(function.__init__)
    function.update_configuration = _updating_configuration(function.update_configuration)
    function.get_configuration = _describing(function.get_configuration)
    function.get_code = _describing_code(function.get_code)
    function.update_function_code = _updating_code(function.update_function_code)
    storage.publish_version = _publishing(storage.publish_version)


def patch() -> None:
    _patch_functions(LambdaFunction, LambdaStorage)
    response: Any = Response
    response.invoke = _invoke
    response.put_provisioned_concurrency_config = _put_provisioned_concurrency_config
    response.get_provisioned_concurrency_config = _get_provisioned_concurrency_config
    response.delete_provisioned_concurrency_config = _delete_provisioned_concurrency_config
    path = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
    urls.url_paths[path] = Response.dispatch
