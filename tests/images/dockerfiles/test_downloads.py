"""Whatever a build downloads is checked: by a hash that stands here, or by Debian's signatures."""

import json
import re
from collections.abc import Iterator

import pytest

from pipeline.core.paths import ROOT
from tests.support.shell_steps import script_files, steps

DOCKERFILES = sorted(ROOT.glob("images/*/Dockerfile*"))
LOCKS = [*ROOT.glob("requirements*.lock"), *ROOT.glob("examples/*/requirements.lock")]
_CONTINUED = re.compile(r"\\\n\s*(?:#.*\n\s*)*")
_FETCHES = re.compile(r"\b(curl|wget)\b")
_INSTALLS = re.compile(r"\bpip3?\b.*\binstall\b")
_OTHERS = re.compile(
    r"\b(git clone|npm (i|install|exec)|npx|yarn|gem install|go (install|get)|cargo install|uvx?)\b"
)
_UNSIGNED = re.compile(
    r"allow-unauthenticated|force-yes|trusted=yes|AllowInsecure|allow-insecure|Verify-Peer=false"
)
_SUM = re.compile(r"\$\{?(\w+)\}?|([0-9a-f]{64})")


def unchecked(dockerfile: str) -> list[str]:
    """The instructions that download something which no hash or signature checks."""
    lines = [line for line in _CONTINUED.sub(" ", dockerfile).splitlines() if not line.startswith("#")]
    sums = dict(re.findall(r"^ARG (\w+)=([0-9a-f]{64})$", dockerfile, re.MULTILINE))
    return [line for line in lines if any(_wrong(line, sums))]


def _wrong(line: str, sums: dict[str, str]) -> Iterator[bool]:
    instruction, _, rest = line.strip().partition(" ")
    if instruction == "ADD":
        yield bool(re.search(r"\w+://|git@", rest)) and not re.search(
            r"--checksum=sha256:[0-9a-f]{64}\b", rest
        )
    if instruction != "RUN":
        return
    if _FETCHES.search(re.sub(r"apt-get.*?(&&|$)", "", rest)):
        checked = re.search(r"echo \"(\S+) .*sha256sum --check", rest)
        match = _SUM.match(checked[1]) if checked else None
        yield not (match and (match[2] or match[1] in sums))
    for command in re.split(r"&&|;|\|\|?", rest):
        if _INSTALLS.search(command):
            is_project = "--no-deps" in command and " -e ." in command  # this project itself
            yield not (is_project or "--require-hashes" in command or "--no-index" in command)
        yield bool(_OTHERS.search(command))
        yield bool(_UNSIGNED.search(command))


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_image_downloads_nothing_unchecked(file) -> None:
    assert unchecked(file.read_text()) == []


GOOD_SUM = "1" * 64


@pytest.mark.parametrize(
    "line",
    [
        "RUN curl -L https://example.com/x | sh",
        "RUN curl -Lo /x https://example.com/x && chmod +x /x",
        'RUN curl -Lo /x https://example.com/x && echo "$SUM  /x" | sha256sum --check',
        "RUN apt-get update && wget https://example.com/x.deb && dpkg -i x.deb",
        "RUN pip install flask",
        "RUN .venv/bin/pip install --no-cache-dir -r requirements.txt",
        "RUN python3 -m pip \\\n    install flask",
        "RUN pip install --no-deps flask",
        "RUN apt-get install -y --allow-unauthenticated nginx",
        "RUN echo 'deb [trusted=yes] https://example.com ./' >/etc/apt/sources.list",
        "RUN git clone https://example.com/x",
        "RUN true && npm install --global x",
        "ADD https://example.com/x /x",
        "ADD git@example.com:x /x",
    ],
)
def test_an_unchecked_download_is_found(line: str) -> None:
    assert unchecked(f"FROM scratch\n{line}\n")


@pytest.mark.parametrize(
    "text",
    [
        f'ARG SUM={GOOD_SUM}\nRUN curl -Lo /x https://a/x && echo "$SUM  /x" | sha256sum --check\n',
        f"ADD --checksum=sha256:{GOOD_SUM} https://example.com/x /x\n",
        "RUN pip install --require-hashes -r requirements.lock\n",
        "RUN apt-get install -y curl\n",
        "ADD html /html\n",
    ],
)
def test_a_checked_download_passes(text: str) -> None:
    assert unchecked(text) == []


@pytest.mark.parametrize("name", steps())
def test_a_step_of_ci_downloads_nothing_but_the_project(name: str) -> None:
    """`make` installs from a lock; GitLab clones the project from its own server."""
    _, text = steps()[name]
    lines = _CONTINUED.sub(" ", text).replace('git clone --quiet "$CI_SERVER_URL/', "").splitlines()
    assert [line for line in lines if any(_wrong(f"RUN {line}", {}))] == []


@pytest.mark.slow
def test_a_script_downloads_nothing() -> None:
    for file in script_files():
        assert [line for line in file.read_text().splitlines() if any(_wrong(f"RUN {line}", {}))] == []


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_package_of_a_lock_has_a_hash(file) -> None:
    requirements = _CONTINUED.sub(" ", file.read_text()).splitlines()
    packages = [line for line in requirements if line.strip() and not line.lstrip().startswith("#")]
    assert packages
    assert [
        line for line in packages if not re.search(r"^[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_each_package_of_npm_has_a_hash() -> None:
    for file in ROOT.glob("examples/*/package-lock.json"):
        packages = {name: each for name, each in json.loads(file.read_text())["packages"].items() if name}
        assert packages
        assert [
            name for name, each in packages.items() if not each.get("integrity", "").startswith("sha512-")
        ] == []
