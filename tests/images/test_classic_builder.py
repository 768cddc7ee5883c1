"""What only BuildKit can build is refused before Docker's classic builder gets it."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.classic_builder import platform_arguments, require_classic
from pipeline.images.dockerfile import read_dockerfile


def require(text):
    require_classic(read_dockerfile(text), "Dockerfile of source app at 12345")


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("RUN --mount=type=cache,target=/root/.npm npm ci", "RUN --mount", "leave out a cache"),
        ("run --network=none make", "RUN --network", "without RUN --network"),
        ("COPY --chmod=755 entrypoint.sh /", "COPY --chmod", "RUN chmod"),
        ("ADD --chmod=755 entrypoint.sh /", "ADD --chmod", "without ADD --chmod"),
        ("COPY --parents a/b /", "COPY --parents", "without"),
        ("COPY --exclude=*.md . /srv/", "COPY --exclude", "without"),
        ("ADD --checksum=sha256:00 https://x.org/f /", "ADD --checksum", "without"),
        ("RUN <<EOF\nnginx -t\nEOF", "a heredoc", "COPY it"),
        ("COPY <<-'EOF' /etc/nginx/nginx.conf\n\tevents {}\n\tEOF", "a heredoc", "COPY it"),
        (
            "FROM --platform=$BUILDPLATFORM node AS a",
            r"=\$BUILDPLATFORM without ARG",
            "ARG BUILDPLATFORM",
        ),
        ("FROM --platform=linux/${TARGETARCH} node", r"=\$\{TARGETARCH\} without ARG", "ARG TARGETARCH"),
    ],
)
def test_what_needs_buildkit_is_named_with_its_line_and_another_way(line, what, hint):
    with pytest.raises(TandemError, match=f"app at 12345 needs BuildKit: line 3 has .*{what}") as caught:
        require(f"# syntax=docker/dockerfile:1\nFROM nginx\n{line}\n")
    assert hint in caught.value.hint


def test_every_line_is_named_at_once():
    with pytest.raises(TandemError, match=r"line 2 has RUN --mount, line 3 has COPY --chmod; Tandem"):
        require("FROM x\nRUN --mount=type=cache,target=/a b\nCOPY --chmod=1 a b\n")


def test_a_long_list_is_cut():
    with pytest.raises(TandemError, match=r"line 5 has RUN --mount, 95 more; Tandem"):
        require("RUN --mount=type=cache a\n" * 100)


@pytest.mark.parametrize(
    "text",
    [
        "FROM nginx\nCOPY --chown=101:101 --from=build /a /b",
        "FROM nginx\nCOPY --link a b",
        "FROM nginx\nHEALTHCHECK --interval=5s CMD wget localhost",
        "ARG BASE=nginx\nFROM --platform=linux/amd64 ${BASE}",
        "ARG BUILDPLATFORM\nFROM --platform=$BUILDPLATFORM node",
        "ARG TARGETARCH=amd64\nFROM --platform=linux/${TARGETARCH} node",
        "FROM --platform=${BUILDPLATFORM:-linux/amd64} node",
        "FROM x\nRUN pip install --no-cache-dir x --mount",
        'FROM x\nRUN ["--mount"]',
        "FROM x\n# RUN --mount=type=cache,target=/a b",
        "FROM x\nRUN a \\\n  --mount=b",
        "FROM x\nRUN echo $((1<<8))",
    ],
)
def test_what_the_classic_builder_can_do_is_taken(text):
    require(text)


def test_declared_platform_arguments_have_the_values_that_buildkit_gives_them():
    text = "ARG BUILDPLATFORM\nFROM x\nARG TARGETARCH TARGETOS=windows\nARG OTHER\nRUN echo $TARGETPLATFORM"
    assert platform_arguments(read_dockerfile(text), "arm64") == {
        "BUILDPLATFORM": "linux/arm64",
        "TARGETARCH": "arm64",
    }
