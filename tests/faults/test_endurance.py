"""Many releases in a row fail no request."""

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.stack]

RELEASES = 50


@pytest.mark.fault(0, f"nothing: {RELEASES} releases in a row")
def test_many_releases_in_a_row_fail_no_request(site, load):
    first = site.local.numbers()[-1]
    for _ in range(RELEASES):
        site.change("app")
        done = site.release()
        assert done.returncode == 0, done.stderr
        assert load.failures == []
    site.assert_heads_run()
    assert site.local.numbers()[-1] == first + RELEASES
