"""A comparison builds every cell, keeps failures, and continues.

Docker is played; git and registry are real.
"""

import shutil
from dataclasses import replace

import pytest

from pipeline.compare.build_plan import Plan
from pipeline.compare.engine import Comparison, require_disk
from pipeline.compare.measurement import Measurement, Variant, of_run
from pipeline.compare.scenarios import Scenario
from pipeline.compare.workspace import Workspace
from pipeline.core.errors import TandemError
from pipeline.images.builder import ImageBuilder
from pipeline.records.build_records import Records
from tests.registry import server
from tests.support.fake_docker import FakeDocker
from tests.support.repositories import made_examples, project_of

pytestmark = pytest.mark.slow  # every variant and scenario is built: seconds

PLAN = Plan(
    sizes=(("100 kB", 100_000),),
    variants=tuple(Variant),
    scenarios=tuple(Scenario),
    least=1,
    most=1,
    precision=0.05,
    budget=600.0,
    seed=1,
)


class Registries:
    """Two real registries; the second is emptied for each cold build."""

    def __init__(self, folder):
        self.folder = folder
        self.emptied = 0

    def start(self):
        (self.folder / "warm").mkdir(parents=True)
        self._warm = server.running(self.folder / "warm")
        self.warm = self._warm.__enter__()
        self._cold = None
        return self

    def empty(self):
        self._stop_cold()
        self.emptied += 1
        folder = self.folder / f"cold-{self.emptied}"
        folder.mkdir()
        self._cold = server.running(folder)
        return self._cold.__enter__()

    def _stop_cold(self):
        if self._cold:
            self._cold.__exit__(None, None, None)

    def stop(self):
        self._stop_cold()
        self._warm.__exit__(None, None, None)


@pytest.fixture
def registries(tmp_path):
    pair = Registries(tmp_path / "registries").start()
    yield pair
    pair.stop()


@pytest.fixture
def docker():
    fake = FakeDocker()
    for base in ("nginx", "busybox"):
        fake.add(f"base/{base}", {f"bin/{base}": b"true"}, {"Cmd": ["sh"]})
    return fake


@pytest.fixture
def comparison(tmp_path, registries, docker):
    project = made_examples(project_of(tmp_path))
    builder = ImageBuilder(
        project=project,
        repositories={},
        bases={name: f"base/{name}" for name in ("nginx", "busybox", "python")},
        client=docker,
        stack="t",
        records=Records(tmp_path / "unused.sqlite"),
    )

    def workspace(_size, variant):
        folder = tmp_path / "work" / variant
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder)
        folder.mkdir()
        return Workspace(variant, builder, registries, folder, f"t-{variant}")

    reports = []
    engine = Comparison(
        run="r1",
        plan=PLAN,
        machine="here",
        records=Records(tmp_path / "records.sqlite"),
        make_workspace=workspace,
        report=lambda measurement, progress: reports.append((measurement, progress)),
    )
    engine.reports = reports
    return engine


def one(done, variant, scenario):
    return next(
        each
        for each in done
        if each.counts and (each.cell.variant, each.cell.scenario) == (variant, scenario)
    )


def test_every_cell_is_built_and_recorded_and_sends_what_changed(comparison, registries):
    done = comparison.run_to_the_end()
    assert [each.error for each in done if each.error] == []
    counted = [each for each in done if each.counts]
    assert len(counted) == 4 * 6
    assert sum(each.is_warm_up for each in done) == 4, "one for each variant"
    assert of_run(comparison.records.documents(), "r1") == list(done)
    assert registries.emptied == 4, "an empty registry for each cold build"
    assert comparison.reports[-1][1].done == 24
    assert comparison.reports[-1][1].seconds_left == 0.0
    for each in done:
        assert all(
            span.start >= 0 and span.start + span.seconds <= each.seconds + 0.001 for span in each.spans
        )
    require_bytes(done)


def require_bytes(done):
    for variant in Variant:
        nothing = one(done, variant, Scenario.NOTHING)
        assert (nothing.bytes_sent, nothing.bytes_changed) == (0, 0)
    split, monolith = Variant.SPLIT_LAYERS, Variant.MONOLITH
    assert one(done, split, Scenario.APP_ONLY).bytes_sent < one(done, monolith, Scenario.APP_ONLY).bytes_sent
    one_file = one(done, split, Scenario.STATIC_ONE_FILE)
    assert {span.name for span in one_file.spans if span.image == "app"} == {"look up"}
    assert one_file.bytes_changed > 0
    cold = one(done, split, Scenario.COLD)
    assert cold.bytes_changed is None
    assert cold.bytes_sent > 50_000
    assert one_file.bytes_sent < 20_000
    assert one(done, Variant.SPLIT_DOCKERFILE, Scenario.STATIC_ONE_FILE).bytes_sent > 50_000
    assert "fuse" in {span.name for span in one(done, Variant.FUSED, Scenario.NOTHING).spans}


def test_a_failed_build_is_kept_and_the_others_go_on(comparison, monkeypatch):
    build = FakeDocker.build

    def fail(fake, *, tag, **options):
        if "monolith" in tag:
            return iter([{"error": "the command returned a non-zero code: 1"}])
        return build(fake, tag=tag, **options)

    monkeypatch.setattr(FakeDocker, "build", fail)
    comparison.plan = replace(
        PLAN,
        variants=(Variant.MONOLITH, Variant.SPLIT_LAYERS),
        scenarios=(Scenario.APP_ONLY,),
        least=4,
        most=4,
    )
    done = comparison.run_to_the_end()
    failed = [each for each in done if each.error and not each.is_warm_up]
    assert {each.cell.variant for each in failed} == {Variant.MONOLITH}
    assert len(failed) == 3, "attempts"
    assert "non-zero code" in failed[0].error
    assert sum(each.counts for each in done) == 4


def test_an_edit_that_no_image_has_measures_nothing(comparison, monkeypatch):
    comparison.plan = replace(
        PLAN, variants=(Variant.MONOLITH,), scenarios=(Scenario.APP_ONLY,), least=3, most=3
    )
    received = FakeDocker.received

    def deaf(fake, archive):
        files = received(fake, archive)
        return {name: data for name, data in files.items() if not name.startswith("app/")}

    monkeypatch.setattr(FakeDocker, "received", deaf)
    done = comparison.run_to_the_end()
    errors = [each.error for each in done if not each.is_warm_up]
    assert len(errors) == 3
    assert all("measures nothing: html/" in error for error in errors)


def test_an_interrupted_comparison_continues_with_new_workspaces(comparison):
    comparison.plan = replace(
        PLAN, variants=(Variant.SPLIT_LAYERS,), scenarios=(Scenario.APP_ONLY,), most=3, least=3
    )

    def stop(_measurement, progress):
        if progress.done == 1:
            raise KeyboardInterrupt

    first_run = replace_report(comparison, stop)
    with pytest.raises(KeyboardInterrupt):
        first_run.run_to_the_end()
    stored = of_run(comparison.records.documents(), "r1")
    assert [each.is_warm_up for each in stored] == [True, False]
    again = replace_report(comparison, lambda *_: None)
    again.done = stored
    assert [each.is_warm_up for each in again.run_to_the_end()] == [True, False, True, False, False]


def replace_report(comparison, report):
    return Comparison(
        comparison.run,
        comparison.plan,
        comparison.machine,
        comparison.records,
        comparison.make_workspace,
        report,
    )


def test_content_for_which_the_disk_has_no_room_is_refused(tmp_path):
    require_disk(tmp_path, 10**9, 15 * 10**9)
    with pytest.raises(
        TandemError, match=r"content of 1000 MB needs about 14 GB of disk to compare: 13 GB are"
    ):
        require_disk(tmp_path, 10**9, 13 * 10**9)


def test_a_measurement_says_what_it_is_of(comparison):
    comparison.plan = replace(
        PLAN, variants=(Variant.SPLIT_LAYERS,), scenarios=(Scenario.BOTH,), least=1, most=1
    )
    last = comparison.run_to_the_end()[-1]
    assert isinstance(last, Measurement)
    assert last.content_bytes > 90_000
    assert [commit.split()[0] for commit in last.commits] == ["app", "static"]
    assert len(last.images) == 2
    assert last.spent >= last.seconds > 0
