"""The stack's keys are random, stay the same, and are readable by their owner only."""

import os
import stat

import pytest

from pipeline.core.errors import TandemError
from pipeline.local.moto import client_environment
from pipeline.local.stack_keys import CredentialsFile, StackKeys


@pytest.fixture
def file(tmp_path):
    before = os.umask(0)
    yield CredentialsFile(tmp_path / "a" / "credentials")
    os.umask(before)


def test_keys_stay_the_same(file):
    assert file.ensure() == file.ensure() == file.read()


def test_each_stack_has_its_own():
    assert len({StackKeys.generate().secret_key for _ in range(10)}) == 10
    assert all(len(StackKeys.generate().access_key) == 20 for _ in range(10))


def test_nobody_else_can_read_them_whatever_the_umask_is(file):
    file.ensure()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed(file):
    file.ensure()
    file.path.chmod(0o644)
    file.ensure()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["", "aws_access_key_id = A\n", "[default]\naws_access_key_id = hush\n", "\0\x80"]
)
def test_a_broken_file_is_an_error_that_does_not_repeat_it(file, text):
    file.path.parent.mkdir()
    file.path.write_text(text)
    with pytest.raises(TandemError, match="keys cannot be read") as refused:
        file.ensure()
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_secret_is_not_part_of_what_is_printed(file):
    keys = file.ensure()
    assert keys.secret_key not in repr(keys)
    assert client_environment(1, keys, "f")["AWS_SECRET_ACCESS_KEY"] == keys.secret_key
