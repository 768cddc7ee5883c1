"""A comparison of serving on the machine's Docker: every layout takes load, and nothing is left behind."""

from dataclasses import replace

import docker
import pytest

from pipeline.compare.experiment import ExperimentPlan, trials
from pipeline.compare.serving import verb
from pipeline.compare.serving.workloads import Workload
from pipeline.core.errors import TandemError
from pipeline.local.examples.repositories import make_examples

pytestmark = pytest.mark.docker

PLAN = ExperimentPlan(
    sizes=(("15 MB", 15_000_000),),
    variants=("monolith", "sidecar", "fused"),
    cases=(str(Workload.TEXT_GZIP_STATIC),),
    least=1,
    most=1,
    precision=0.5,
    budget=120.0,
    seed=1,
    options={"connections": 4, "seconds": 1},
)


def image_names(session):
    """Every name of an image of a measurement of this stack."""
    names = {
        name
        for image in docker.from_env().api.images()
        for name in (*(image["RepoTags"] or ()), *(image["RepoDigests"] or ()))
    }
    stack = session.stack.id
    return {name for name in names if f"/measurement-{stack}/" in name or f"{stack}/compare-serving/" in name}


def left_behind(session):
    """Containers and volumes of measurements of this stack."""
    client = docker.from_env()
    filters = {"label": [f"io.tandem.stack={session.stack.id}", "io.tandem.role=measurement"]}
    containers = [each["Id"] for each in client.api.containers(all=True, filters=filters)]
    return containers + [each.name for each in client.volumes.list(filters=filters)]


def leave_behind(session):
    """What a killed measurement leaves: a container, a volume, and an image of a registry that is gone."""
    client, stack = docker.from_env(), session.stack.id
    labels = {"io.tandem.stack": stack, "io.tandem.role": "measurement"}
    image = client.images.get(session.builder().bases["busybox"])
    image.tag(f"127.0.0.1:1/measurement-{stack}/app", "old")
    client.containers.create(image, "true", labels=labels)
    client.volumes.create(f"tandem-{stack}-measurement-old", labels=labels)


def test_every_layout_takes_load_is_resumed_and_leaves_nothing(session):
    images = image_names(session)
    leave_behind(session)
    assert left_behind(session)
    assert not image_names(session) <= images

    def stop(_trial, progress):
        if progress.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verb.start(session, PLAN, stop)
    assert left_behind(session) == []
    assert image_names(session) <= images
    experiment = verb.resume(session, lambda *_: None)
    assert left_behind(session) == []
    assert image_names(session) <= images
    assert [each.error for each in experiment.done if each.error] == []
    counted = [each for each in experiment.done if each.counts]
    assert {each.cell for each in counted} == set(PLAN.cells("15 MB"))
    assert len(counted) == 3
    for trial in counted:
        assert trial.value == trial.figures["requests_per_second"] > 10
        assert trial.figures["errors"] == 0
        assert 0 < trial.figures["p50_seconds"] <= trial.figures["p99_seconds"]
        assert 5e-6 < trial.figures["cpu_seconds_per_request"] < 0.05
    assert trials(session.records.documents(), experiment.started.run) == experiment.done
    assert experiment.started.tools["wrk"]
    with pytest.raises(TandemError, match="no unfinished comparison of serving"):
        verb.resume(session, lambda *_: None)


def test_own_content_is_measured_where_the_app_serves_it(session, capsys):
    cases = (Workload.SMALL_PAGE, Workload.TEXT_GZIP_STATIC, Workload.TEXT_GZIP, Workload.RANDOM_FILES)
    plan = replace(PLAN, sizes=(("own", 0),), variants=("monolith", "sidecar"), cases=tuple(map(str, cases)))
    experiment = verb.start(replace(session, project=make_examples(session.project)), plan, lambda *_: None)
    assert "left out: text-gzip-static" in capsys.readouterr().err
    assert [each.error for each in experiment.done if each.error] == []
    measured = {(each.cell.variant, each.cell.case) for each in experiment.done if each.counts}
    assert measured == {
        (variant, str(case))
        for variant in plan.variants
        for case in cases
        if case is not Workload.TEXT_GZIP_STATIC
    }
    assert left_behind(session) == []
