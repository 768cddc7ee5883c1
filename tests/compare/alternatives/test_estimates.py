"""The figures of each alternative follow from the site, the measurements and the prices, checked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.compare.alternatives.citations import Citation
from pipeline.compare.alternatives.estimates import Alternative, Name, alternatives
from pipeline.compare.alternatives.machine_figures import MachineFigures
from pipeline.compare.alternatives.site_profile import GIB, SiteProfile, site_of
from pipeline.terraform.cost.prices import SECONDS

MEASURED = MachineFigures(
    measured_at="2026-01-02T03:04:05+00:00",
    machine="CPU, 2 cores",
    load=0.5,
    n=1000,
    file_p50=0.001,
    file_p99=0.002,
    cached_p50=0.0015,
    cached_p99=0.003,
    proxied_p50=0.006,
    proxied_p99=0.012,
    direct_p50=0.004,
    direct_p99=0.008,
    content_bytes=150_000_000,
    files=2400,
    sync=12.0,
    copy=1.5,
    put=0.004,
)
SITE = SiteProfile(
    content_bytes=1e9,
    packed_bytes=0.5e9,
    files=10_000,
    changed_bytes=2_000_000,
    sent_bytes=1_000_000,
    requests_per_second=4.0,
    response_bytes=GIB / SECONDS,  # so that a request a second is a GiB a month
)


def by_name(site: SiteProfile = SITE) -> dict[Name, Alternative]:
    return {each.name: each for each in alternatives(site, MEASURED)}


def lines(name: Name, site: SiteProfile = SITE) -> dict[str, Any]:
    return {line.what: pytest.approx(line.dollars) for line in by_name(site)[name].costs}


def test_the_sidecar_pulls_and_copies_before_it_serves() -> None:
    start = by_name()[Name.SIDECAR].start
    assert start.low == pytest.approx(0.5e9 / (2700e6 / 55) + 10.0)
    assert start.high == pytest.approx(0.5e9 / (413e6 / 57) + 10.0)
    assert not start.is_measured
    assert set(start.sources) == {Citation.FARGATE_SMALL, Citation.FARGATE_LARGE, Citation.MEASURED}


def test_a_sync_is_bound_by_its_files_or_by_its_bytes() -> None:
    small = by_name()[Name.S3_SYNC].start
    assert (small.low, small.high) == pytest.approx((100.0, 200.0))
    large = by_name(replace(SITE, files=10))[Name.S3_SYNC].start
    assert (large.low, large.high) == pytest.approx((1e9 / 900e6, 1e9 / 850e6))


def test_what_is_mounted_or_proxied_adds_nothing_to_a_start() -> None:
    assert {name for name, each in by_name().items() if each.start.high == 0} == {
        Name.EFS,
        Name.S3_PROXY,
        Name.S3_FILES,
        Name.CLOUDFRONT,
    }


def test_pages_are_a_file_a_network_read_or_a_request() -> None:
    pages = {name: (each.page_p50.low, each.page_p50.high) for name, each in by_name().items()}
    assert pages[Name.SIDECAR] == pages[Name.S3_SYNC] == pytest.approx((0.031, 0.031))
    assert pages[Name.EFS] == pages[Name.S3_FILES] == pytest.approx((0.0315, 0.033))
    assert pages[Name.S3_PROXY] == pytest.approx((0.0315, 0.0315))
    assert pages[Name.CLOUDFRONT] == pytest.approx((0.010, 0.010))


def test_the_slowest_pages_are_those_that_no_cache_has() -> None:
    slow = {name: (each.page_p99.low, each.page_p99.high) for name, each in by_name().items()}
    assert slow[Name.SIDECAR] == pytest.approx((0.032, 0.032))
    assert slow[Name.EFS] == pytest.approx((0.034, 0.042))
    assert slow[Name.S3_PROXY] == pytest.approx((0.132, 0.232))
    assert slow[Name.S3_FILES] == pytest.approx((0.132, 0.232))
    assert slow[Name.CLOUDFRONT] == pytest.approx((0.130, 0.230))


def test_a_cache_that_has_nearly_everything_answers_the_slowest_pages_too() -> None:
    slow = {name: each.page_p99 for name, each in by_name(replace(SITE, cache_hits=0.995)).items()}
    assert slow[Name.S3_PROXY].high == pytest.approx(0.033)
    assert slow[Name.CLOUDFRONT].high == pytest.approx(0.010)


def test_a_cache_that_has_hardly_anything_answers_not_even_the_median() -> None:
    pages = {name: each.page_p50 for name, each in by_name(replace(SITE, cache_hits=0.3)).items()}
    assert pages[Name.S3_PROXY].low == pytest.approx(0.132)
    assert pages[Name.CLOUDFRONT].low == pytest.approx(0.130)


def test_a_change_is_seen_after_a_rollout_or_after_a_caches_time() -> None:
    publish_times = {name: (each.publish.low, each.publish.high) for name, each in by_name().items()}
    start = by_name()[Name.SIDECAR].start
    assert publish_times[Name.SIDECAR] == pytest.approx((0.08 + 30 + start.low, 0.12 + 90 + start.high))
    assert publish_times[Name.S3_SYNC] == pytest.approx((0.1 + 30 + 100, 0.2 + 90 + 200))
    assert publish_times[Name.S3_PROXY] == pytest.approx((0.1, 60.2))
    assert publish_times[Name.S3_FILES] == pytest.approx((1.9, 30.2))
    assert publish_times[Name.CLOUDFRONT] == pytest.approx((10.1, 300.2))
    assert publish_times[Name.EFS][1] < 2


def test_the_sidecar_pays_for_layers_and_for_the_time_of_its_starts() -> None:
    start = by_name()[Name.SIDECAR].start.high
    task_second = (0.25 * 0.04656 + 0.5 * 0.00511) / 3600
    assert lines(Name.SIDECAR) == {
        "ECR": 0.1 * (0.5e9 + 20e6) / GIB,
        "starts": 500 * start * task_second,
        "traffic": 4 * 0.09,
    }


def test_a_sync_pays_for_a_request_of_each_file_at_each_start() -> None:
    assert lines(Name.S3_SYNC) == {
        "S3 storage": 0.0245 * 1.04e9 / GIB,
        "S3 reads": 10_000 * 500 * 0.00000043,
        "S3 writes": 200 * 0.0000054,
        "starts": 500 * 200 * (0.25 * 0.04656 + 0.5 * 0.00511) / 3600,
        "traffic": 4 * 0.09,
    }


def test_file_systems_pay_for_storage_and_for_what_no_cache_has() -> None:
    assert lines(Name.EFS) == {
        "storage": 0.30 * 1.04e9 / GIB,
        "reads": 0.4 * 0.03,
        "writes": 0.06 * 400e6 / GIB,
        "traffic": 4 * 0.09,
    }
    files = lines(Name.S3_FILES)
    assert files["fast storage"] == 0.30 * 1e9 / GIB
    assert files["imports"] == 0.06 * 1.4e9 / GIB
    assert files["reads"] == 0.4 * 0.03


def test_cloudfront_pays_less_for_traffic_and_something_for_each_request() -> None:
    costs = lines(Name.CLOUDFRONT, replace(SITE, publications=1200))
    assert costs["traffic"] == 4 * 0.085
    assert costs["requests"] == 4 * SECONDS * 0.0000012
    assert costs["S3 reads"] == 0.4 * SECONDS * 0.00000043
    assert costs["invalidations"] == 200 * 0.005
    assert lines(Name.S3_PROXY)["S3 reads"] == 0.4 * SECONDS * 0.00000043


def test_dollars_are_the_sum_of_the_lines() -> None:
    for each in by_name().values():
        assert each.dollars == pytest.approx(sum(line.dollars for line in each.costs))
        assert each.dollars > 0.3


def test_every_figure_that_is_no_zero_has_a_source() -> None:
    for each in by_name().values():
        assert all(figure.sources for figure in each.figures if figure.high), each.name


def test_a_site_of_another_size_has_files_and_layers_in_proportion() -> None:
    assert (site_of(2.25e9).files, site_of(2.25e9).packed_bytes) == (36_000, 1.8e9)
    assert str(site_of(150e6)).startswith("150 MB in 2,400 files, 5 requests/s of 50 KiB (627 GiB a month)")
