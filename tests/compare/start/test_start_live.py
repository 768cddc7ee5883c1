"""`compare start` on the machine's Docker: real pulls, phases and a scale-out, and nothing is left behind."""

from dataclasses import replace
from functools import partial

import docker
import pytest

from pipeline.compare import experiment_run
from pipeline.compare.experiment import trials
from pipeline.compare.start import plans
from pipeline.compare.start.figures import PHASES, START
from pipeline.compare.start.trial import equipment

pytestmark = pytest.mark.docker

PLAN = replace(
    plans.with_cells(plans.default(), ["40 MB"], None), least=1, most=1, precision=0.5, budget=600.0, seed=1
)


@pytest.fixture(scope="module")
def running(session):
    return experiment_run.start(session, START, PLAN, partial(equipment, session), lambda *_: None)


def counted(running, layout):
    return [each for each in running.done if each.counts and each.cell.variant == layout]


def left_behind(stack):
    """Docker objects of comparisons."""
    client = docker.from_env()
    own = {"label": [f"io.tandem.stack={stack}-start"]}
    tags = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
    return [
        *(each["Id"] for each in client.api.containers(all=True, filters=own)),
        *(each["Name"] for each in client.api.volumes(filters=own)["Volumes"] or ()),
        *(each["Name"] for each in client.api.networks(filters=own)),
        *(each["Id"] for each in client.api.images(filters=own)),
        *(tag for tag in tags if tag.startswith(f"tandem-{stack}/compare-")),
        *client.containers.list(
            filters={"label": [f"io.tandem.stack={stack}", "io.tandem.role=measurement"]}
        ),
    ]


def test_every_layout_is_started_and_scaled_and_nothing_is_left(session, running):
    assert [each.error for each in running.done if each.error] == []
    for layout in plans.LAYOUTS:
        for trial in counted(running, layout):
            figures = trial.figures
            assert sum(figures[phase.key] for phase in PHASES) == pytest.approx(figures["serves"], abs=1e-6)
            assert figures["pull"] > 0, "every byte was pulled"
            assert figures["pulled"] > 20e6
            assert 0 < figures["scaled"] < 60
            assert figures["asked"] > 0
            assert figures["failed"] == 0, "the task that runs goes on serving"
        assert len(counted(running, layout)) == 1
    assert left_behind(session.stack.id) == []


def test_only_the_sidecar_copies_content(running):
    copied = {
        layout: min(each.figures["copy"] for each in counted(running, layout)) for layout in plans.LAYOUTS
    }
    assert copied["sidecar"] > max(copied["monolith"], copied["fused"])


def test_what_was_measured_is_recorded_and_the_stack_still_stands(session, running):
    assert trials(session.records.documents(), running.started.run) == running.done
    assert session.stack.status().running


def test_down_removes_what_a_killed_comparison_left(session):
    client, labels = docker.from_env(), {"io.tandem.stack": session.stack.small_id}
    client.volumes.create(f"tandem-{session.stack.small_id}-v", labels=labels)
    client.networks.create(f"tandem-{session.stack.small_id}", labels=labels)
    assert len(left_behind(session.stack.id)) == 2
    session.stack.stop(lambda _: None)
    assert left_behind(session.stack.id) == []
