"""Environment files are read from the local S3 by ECS's rules."""

import pytest
from moto import mock_aws

from pipeline.local.ecs.runner.docker_engine import TaskError
from pipeline.local.ecs.runner.environment_files import EnvironmentFiles, parse
from tests.support.aws_access import aws

ACCOUNT = "123456789012"


@pytest.fixture
def files(monkeypatch):
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "eu-central-1")
    with mock_aws():
        s3 = aws().client("s3")
        s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_object(Bucket="shop", Key="a/one.env", Body="A=1\nB=ü\n".encode())
        s3.put_object(Bucket="shop", Key="two.env", Body=b"B=2\nC=3\n")
        yield EnvironmentFiles(ACCOUNT)


def test_the_first_value_of_a_variable_counts(files):
    variables = files.read(["arn:aws:s3:::shop/a/one.env", "arn:aws:s3:::shop/two.env"])
    assert variables == {"A": "1", "B": "ü", "C": "3"}


@pytest.mark.parametrize("arn", ["arn:aws:s3:::shop/none.env", "arn:aws:s3:::none/a.env"])
def test_a_task_whose_file_is_missing_does_not_start(files, arn):
    with pytest.raises(TaskError, match=f"ResourceInitializationError: failed to download env files: {arn}"):
        files.read([arn])


def test_values_are_taken_as_they_are():
    text = '# a comment\n\nA="quoted" # kept\nB=x=y\nno variable\nEMPTY=\nA=again\n'
    assert parse(text) == {"A": '"quoted" # kept', "B": "x=y", "EMPTY": ""}
