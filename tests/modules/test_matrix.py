"""Every pair of values that the local AWS supports is applied: no plan has changes, destroy leaves nothing.

Each block of rows has its own account and process. The blocks run in parallel, as the provider mostly waits.
The releases are applied under the release role, with IAM enforced.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from tests.modules import matrix

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

# In the order in which they end: the first row of each block, the second row of each block, …
STEPS = [
    pytest.param(network, at, id=f"{network} {at + 1}: {matrix.name(row)}")
    for step in zip_longest(
        *([(network, at, row) for at, row in enumerate(rows)] for network, rows in matrix.blocks().items())
    )
    for network, at, row in filter(None, step)
]


class BlockProcess:
    """A block in its own process, which reports one row after another."""

    def __init__(self, network: str, folder: Path) -> None:
        self.log = folder / f"{network}.log"
        (folder / network).mkdir()
        argv = [sys.executable, "-m", "tests.modules.block", network, str(folder / network)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)

    def problem(self) -> str:
        """The error of the next row; empty for none."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else f"the block's process ended:\n{self.log.read_text()[-3000:]}"

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, BlockProcess]]:
    folder = tmp_path_factory.mktemp("blocks")
    running = {network: BlockProcess(network, folder) for network in matrix.blocks()}
    yield running
    for block in running.values():
        block.end()


@pytest.mark.parametrize(("network", "at"), STEPS)
def test_both_roots_are_applied_and_settle(blocks: dict[str, BlockProcess], network: str, at: int) -> None:
    assert blocks[network].problem() == "", f"row {at + 1} of {network}"


@pytest.mark.parametrize("network", matrix.blocks())
def test_destroy_leaves_nothing(blocks: dict[str, BlockProcess], network: str) -> None:
    assert blocks[network].problem() == ""
