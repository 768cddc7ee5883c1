"""A comparison on the machine's Docker: every variant builds, and nothing is left behind."""

from dataclasses import replace

import docker
import pytest

from pipeline.compare import builds
from pipeline.compare.build_plan import Plan
from pipeline.compare.measurement import Variant, of_run
from pipeline.compare.presets import parse_sizes
from pipeline.compare.scenarios import Scenario

pytestmark = pytest.mark.docker

PLAN = Plan(
    sizes=parse_sizes(["2 MB"]),
    variants=tuple(Variant),
    scenarios=tuple(Scenario),
    least=1,
    most=1,
    precision=0.5,
    budget=600.0,
    seed=1,
)


def left_behind(session):
    """Containers and images of comparisons."""
    client, stack = docker.from_env(), session.stack.id
    labels = [f"io.tandem.stack={stack}", "io.tandem.role=measurement"]
    containers = [each["Id"] for each in client.api.containers(all=True, filters={"label": labels})]
    tags = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
    return containers + [tag for tag in tags if tag.startswith(f"tandem-{stack}/compare-")]


def one(done, variant, scenario):
    return next(each for each in done if (each.cell.variant, each.cell.scenario) == (variant, scenario))


def test_every_variant_builds_every_scenario_and_nothing_is_left(session):
    comparison = builds.start(session, PLAN, lambda *_: None)
    assert [each.error for each in comparison.done if each.error] == []
    counted = [each for each in comparison.done if each.counts]
    assert len(counted) == len(Variant) * len(Scenario)
    assert left_behind(session) == []
    for variant in (Variant.MONOLITH, Variant.SPLIT_DOCKERFILE):
        assert one(counted, variant, Scenario.STATIC_ONE_FILE).bytes_sent > 1_000_000
    for variant in (Variant.SPLIT_LAYERS, Variant.FUSED):
        assert one(counted, variant, Scenario.STATIC_ONE_FILE).bytes_sent < 100_000
        assert one(counted, variant, Scenario.COLD).bytes_sent > 1_000_000
    assert all(each.peak_memory for each in counted)


def test_an_interrupted_comparison_is_resumed_and_leaves_nothing(session):
    plan = replace(PLAN, variants=(Variant.SPLIT_LAYERS,), scenarios=(Scenario.APP_ONLY,), least=2, most=2)

    def stop(_measurement, progress):
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builds.start(session, plan, stop)
    assert left_behind(session) == []
    comparison = builds.resume(session, lambda *_: None)
    assert [each.is_warm_up for each in comparison.done] == [True, False, True, False]
    assert of_run(session.records.documents(), comparison.run) == list(comparison.done)
    assert left_behind(session) == []
