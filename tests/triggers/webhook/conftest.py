"""A webhook in this process, for the tests of this folder."""

import pytest

from tests.triggers.webhook.served import Webhook


@pytest.fixture
def served(tmp_path):
    return Webhook(tmp_path)
