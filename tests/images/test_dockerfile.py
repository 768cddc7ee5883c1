"""A Dockerfile's text is divided as Docker's parser divides it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.images.dockerfile import read_dockerfile
from tests.support.effort import examples


def read(text):
    return [(item.line, item.name, item.flags, item.text) for item in read_dockerfile(text)]


def test_instructions_have_line_name_flags_and_text():
    text = "# a comment\nFROM nginx AS web\n\ncopy --from=build --chown=1:1 /a /b\n"
    assert read(text) == [
        (2, "FROM", (), "nginx AS web"),
        (4, "COPY", ("--from=build", "--chown=1:1"), "/a /b"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "RUN a \\\n  && b",
        "RUN a \\  \n  && b",
        "RUN a \\\n# a comment\n\n  && b",
        "RUN a \\\r\n  && b\r\n",
        "# escape=`\nRUN a `\n  && b",
        "\ufeff# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n  && b",
        "RUN\ta \\\n  && b",
    ],
)
def test_continued_lines_are_one_instruction(text):
    [(_, name, _, joined)] = read(text)
    assert (name, joined.split()) == ("RUN", ["a", "&&", "b"])


@pytest.mark.parametrize("text", ["RUN a \\\\\nUSER b", "# x\n# escape=`\nRUN a `\nUSER b"])
def test_a_line_that_is_not_continued_ends_its_instruction(text):
    assert [name for _, name, _, _ in read(text)][-2:] == ["RUN", "USER"]


def test_flags_end_at_the_first_other_word():
    assert read("RUN --mount=type=cache,target=/x pip install --no-cache-dir x") == [
        (1, "RUN", ("--mount=type=cache,target=/x",), "pip install --no-cache-dir x")
    ]


def test_the_exec_form_has_words():
    exec_form, shell_form, no_list = read_dockerfile('CMD ["nginx", "-g"]\nCMD nginx -g\nCMD [nginx]')
    assert (exec_form.words, shell_form.words, no_list.words) == (["nginx", "-g"], None, None)


@pytest.mark.parametrize(
    "text",
    [
        "RUN <<EOF\nset -e\nFROM here\nEOF\nUSER 101",
        "RUN cat <<'EOF' >/x\nFROM here\nEOF\nUSER 101",
        "RUN cat << EOF > /x\nFROM here\nEOF\nUSER 101",
        "RUN <<-END bash\n\tFROM here\n\tEND\nUSER 101",
        "RUN a && \\\n  cat <<EOF >/x\nFROM here\nEOF\nUSER 101",
        'COPY <<"conf" /etc/nginx/nginx.conf\nFROM here\nconf\nUSER 101',
        "copy <<A <<B /x/\nFROM a\nA\nFROM b\nB\nUSER 101",
    ],
)
def test_a_heredoc_is_found_and_its_lines_are_no_instructions(text):
    first, second = read_dockerfile(text)
    assert (first.has_heredoc, second.name, second.has_heredoc) == (True, "USER", False)


@pytest.mark.parametrize(
    "text",
    [
        "RUN echo $((1<<8))\n8))",
        "RUN echo 'a <<EOF'\nUSER EOF",
        'RUN echo "a <<EOF b"\nEOF',
        "RUN grep x <<<EOF\nEOF",
        "RUN cat <<EOF\nUSER nothing-ends-it",
        "ENV A=<<EOF\nEOF",
        'RUN ["sh", "-c", "<<EOF"]\nEOF',
    ],
)
def test_what_only_looks_like_a_heredoc_is_none(text):
    assert not any(item.has_heredoc for item in read_dockerfile(text))


def test_an_empty_dockerfile_has_no_instruction():
    assert read_dockerfile("") == read_dockerfile("# nothing\n\n") == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        f"# a = b{' ' * 300_000}c",
        f"RUN {'--a ' * 200_000}x",
        f"RUN {'[' * 200_000}",
        f"RUN {chr(34) * 200_001}",
        f"RUN {(chr(97) + chr(92) + chr(10)) * 20_000}",
        f"RUN {(chr(92) + chr(34)) * 200_000} <<x",
        f"RUN {' ' * 200_000}<",
    ],
)
def test_any_text_is_read_at_once(text):
    assert len(read(text)) <= 1


def test_many_heredocs_without_an_end_are_read_at_once():
    """A commit must not keep the machine that builds busy."""
    began = time.process_time()
    read_dockerfile("RUN cat <<EOF\n" * 5_000)
    assert time.process_time() - began < 2


PIECES = ["RUN", "FROM", "<<EOF", "EOF", "<<-", "'", '"', "\\", "\n", " ", "\t", "#", "--a=b", "\r", "é"]


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read(text):
    lines = [item.line for item in read_dockerfile(text)]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= len(text.splitlines()) for line in lines)
