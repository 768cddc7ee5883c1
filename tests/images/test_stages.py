"""A build ends with the chosen stage, as that of `docker build --target` does."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.images.dockerfile import read_dockerfile
from pipeline.images.stages import up_to_stage

STAGES = """ARG BASE
FROM ${BASE} AS dev
RUN one
from --platform=linux/amd64 node as Test-1.x
RUN two
FROM dev
RUN three
FROM test-1.x AS prod
RUN four
"""


def built(target, text=STAGES):
    items = up_to_stage(read_dockerfile(text), target, "source app at 12345", Source.APP)
    return [item.text for item in items if item.name == "RUN"]


@pytest.mark.parametrize(
    ("target", "commands"),
    [
        ("", ["one", "two", "three", "four"]),
        ("dev", ["one"]),
        ("DEV", ["one"]),
        ("test-1.x", ["one", "two"]),
        ("prod", ["one", "two", "three", "four"]),
    ],
)
def test_all_stages_up_to_the_target_are_built(target, commands):
    assert built(target) == commands


def test_of_two_stages_with_one_name_docker_builds_the_first():
    assert built("x", "FROM a AS x\nRUN one\nFROM b AS x\nRUN two\n") == ["one"]


def test_what_stands_above_the_stages_is_read_too():
    items = up_to_stage(read_dockerfile(STAGES), "dev", "", Source.APP)
    assert [item.name for item in items] == ["ARG", "FROM", "RUN"]


@pytest.mark.parametrize("target", ["production", "node", "run", "0", "${BASE}", "dev "])
def test_a_stage_that_is_not_there_is_refused_with_those_that_are(target):
    with pytest.raises(TandemError) as caught:
        built(target)
    assert caught.value.message == (
        f"source app at 12345 has no stage {target!r} in its Dockerfile: its stages are dev, test-1.x, prod"
    )
    assert "target" in caught.value.hint


def test_the_stage_that_was_probably_meant_is_in_the_hint():
    with pytest.raises(TandemError) as caught:
        built("prd")
    assert caught.value.hint == 'set target = "prod" under [sources.app] in tandem.toml'


@pytest.mark.parametrize("text", ["", "FROM x\n", "FROM\n", "FROM x AS\n", "FROM x prod y\n", "AS prod\n"])
def test_a_dockerfile_without_named_stages_says_so(text):
    with pytest.raises(TandemError, match=r"no stage 'prod' in its Dockerfile: it names no stage") as caught:
        built("prod", text)
    assert "FROM IMAGE AS prod" in caught.value.hint


def test_names_that_a_commit_chooses_are_shown_short_and_without_control_characters():
    text = "".join(f"FROM x AS s{number}\n" for number in range(500)) + f"FROM x AS \x1b]0;{'y' * 9000}\n"
    with pytest.raises(TandemError, match=r"s0, s1, .*s9 and 491 more$") as caught:
        built("prod", text)
    assert caught.value.message.isprintable()
    with pytest.raises(TandemError) as caught:
        built("prod", f"FROM x AS \x1b]0;\nFROM x AS {'y' * 9000}\n")
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300
