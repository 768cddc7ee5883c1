"""Build many commits, each on the image of its parent, and compare bytes sent with bytes changed."""

import statistics
import subprocess
from pathlib import Path

from pipeline.git.remote import open_object_store
from pipeline.images.static import build
from pipeline.images.static.compact import compact
from pipeline.images.static.delta_plan import Bridge
from pipeline.images.static.image.previous import read_static_image
from pipeline.images.static.verify import verify
from tests.bench.content_team import Edit, Team
from tests.bench.measure import timed
from tests.bench.tandem_builds import TandemBuilds


def simulate(builds: TandemBuilds, first: str, commits: int) -> dict[str, float]:
    """The figures of the simulation. The last image is compared with its git tree."""
    team = Team(builds.content)
    built = build(builds.request(first, "thousand"))
    cold, sent, changed, seconds, layers = built.bytes, [], [], [], []
    compactions, compacted_bytes, compacted_seconds = 0, 0, 0.0
    for edit in team.edits(commits):
        request = builds.request(_commit(builds.content.path, edit), "thousand", bridge=Bridge(3, ("**",)))
        with timed() as took:
            built = build(request)
        sent.append(built.sent)
        changed.append(max(edit.bytes, 1))
        seconds.append(took())
        layers.append(built.layers)
        if built.compaction_due:
            with timed() as took:
                done = compact(
                    open_object_store(request.source, request.cache), read_static_image(built.image)
                )
            compactions, compacted_bytes = compactions + 1, compacted_bytes + done.sent
            compacted_seconds += took()
    verdict = verify(
        open_object_store(str(builds.content.path), builds.cache), read_static_image(built.image)
    )
    return {
        "megabytes": builds.content.total // 10**6,
        "commits": commits,
        "changed_median": statistics.median(changed),
        "sent_median": statistics.median(sent),
        "ratio_median": statistics.median(s / c for s, c in zip(sent, changed, strict=True)),
        "ratio_total": sum(sent) / sum(changed),
        "seconds_median": statistics.median(seconds),
        "seconds_most": max(seconds),
        "layers_median": statistics.median(layers),
        "layers_most": max(layers),
        "compactions": compactions,
        "compacted_bytes": compacted_bytes,
        "compacted_seconds": compacted_seconds,
        "bytes_cold": cold,
        "bytes_last": built.bytes,
        "hidden_last": verdict.hidden,
        "problems": len(verdict.problems),
    }


def _commit(repository: Path, edit: Edit) -> str:
    lines = [
        b"commit refs/heads/main\ncommitter B <b@example.com> 0 +0000\ndata 1\nc\nfrom refs/heads/main^0\n"
    ]
    for path, data in edit.files.items():
        lines += [b"M 100644 inline %s\ndata %d\n" % (path.encode(), len(data)), data, b"\n"]
    lines += [b"D %s\n" % path.encode() for path in edit.deleted]
    git = ["git", f"--git-dir={repository}"]
    subprocess.run([*git, "fast-import", "--quiet"], input=b"".join(lines), check=True)
    head = subprocess.run([*git, "rev-parse", "refs/heads/main"], capture_output=True, text=True, check=True)
    return head.stdout.strip()
