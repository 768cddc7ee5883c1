"""Temporary versions of a real function: each runs with its memory and Lambda's share of the processor."""

from types import SimpleNamespace

import pytest

from pipeline.aws.function_sizes import TemporaryVersions, invoke
from pipeline.local.function_cpu import limit_cpu

pytestmark = pytest.mark.docker


EVENT = b'{"httpMethod": "GET", "path": "/api"}'


def shares(container):
    """MiB and processors."""
    host = container.attrs["HostConfig"]
    cpus = max(0, host["CpuQuota"]) / host["CpuPeriod"]
    return host["Memory"] // 1024**2, round(cpus, 3)


def test_a_temporary_version_runs_with_its_share_and_is_gone_afterwards(rig, api):
    aws = SimpleNamespace(client=rig.client)
    before = rig.client("lambda").list_versions_by_function(FunctionName="api")["Versions"]
    with TemporaryVersions(aws, "api", 128).cleanup() as versions:
        number = versions.publish(512)
        assert invoke(aws, "api", number, EVENT).error == ""
        count = limit_cpu(rig.context.stack, "api", number, 512)
        containers = api.containers(number)
        assert count == len(containers) > 0
        assert {shares(each) for each in containers} == {(512, round(512 / 1769, 3))}
        done = invoke(aws, "api", number, EVENT)
        assert (done.error, 0 < done.milliseconds < 5000) == ("", True)
        limit_cpu(rig.context.stack, "api", number, None)
        assert {shares(each)[1] for each in api.containers(number)} == {0}
    after = rig.client("lambda").list_versions_by_function(FunctionName="api")["Versions"]
    assert [(each["Version"], each["MemorySize"]) for each in after] == [
        (each["Version"], each["MemorySize"]) for each in before
    ]
