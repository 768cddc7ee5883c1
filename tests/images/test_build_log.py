"""What Docker prints while it builds, as an error shows it."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.images import docker
from tests.support.fake_docker import FakeDocker


def test_colours_of_a_failing_step_are_left_out():
    log = docker._Log(lambda _: None)
    log.add("Step 2/3 : RUN nginx -t\n")
    log.add("\x1b[91mnginx: [emerg] unknown directive\n\x1b[0m\x1b[2K")
    error = docker._build_error("app", log, "\x1b[0mthe command returned 1\x1b[?25h")
    assert error.message == (
        "cannot build app: step 2/3 RUN nginx -t failed: the command returned 1\n"
        "    nginx: [emerg] unknown directive"
    )


LINES = (
    *("Step 1/5 : ARG BASE=nginx", "Step 2/5 : FROM ${BASE}", " ---> 0123456789ab"),
    *("Step 3/5 : ENV PORT=1", " ---> Using cache", " ---> 0123456789ac"),
    *("Step 4/5 : COPY app/html/ /srv/app/", " ---> 0123456789ad"),
    *("Step 5/5 : RUN nginx -t", " ---> Running in 0123456789ae"),
)


def log_of(lines):
    log = docker._Log(lambda _: None)
    for line in lines:
        log.add(f"{line}\n")
    log.close()
    return log


def test_the_first_step_that_was_not_cached_is_named():
    log = log_of(LINES)
    assert (log.cached, log.not_cached) == (1, "4/5 COPY app/html/ /srv/app/")
    assert [step.name.split()[0] for step in log.steps] == ["sending", "1/5", "2/5", "3/5", "4/5", "5/5"]


def test_a_build_from_the_cache_names_no_step():
    log = log_of([*LINES[:6], "Step 4/4 : COPY a b", " ---> Using cache"])
    assert (log.cached, log.not_cached) == (2, "")


def test_a_second_base_of_a_build_is_not_a_step_without_cache():
    log = log_of([*LINES[:6], "Step 4/5 : FROM scratch AS last", "Step 5/5 : COPY --from=0 a b"])
    assert log.not_cached == "5/5 COPY --from=0 a b"


class Forgetful(FakeDocker):
    """An engine on which others remove the layers that a build reuses, so many times."""

    def __init__(self, times):
        super().__init__()
        self.failures_left = times

    def _built(self, *arguments):
        if self.failures_left:
            self.failures_left -= 1
            self.builds.append({})
            return iter([{"stream": "Step 1/1 : RUN make"}, {"error": f"No such image: sha256:{'0' * 64}"}])
        return super()._built(*arguments)


def build_on(engine, folder):
    (folder / "Dockerfile").write_text("FROM scratch")
    return docker.build_image(engine, folder, folder / "Dockerfile", {}, "t:1", progress=lambda _: None)


def test_a_build_whose_layer_another_process_removed_begins_again(tmp_path):
    engine = Forgetful(1)
    built = build_on(engine, tmp_path)
    assert built.image_id == engine.names["t:1"]
    assert len(engine.builds) == 2
    assert [step.name.split()[0] for step in built.steps] == ["sending", "1/1"]


def test_a_layer_that_is_gone_twice_is_an_error(tmp_path):
    engine = Forgetful(2)
    with pytest.raises(TandemError, match="step 1/1 RUN make failed: No such image"):
        build_on(engine, tmp_path)
    assert len(engine.builds) == 2
