"""What no figure says: versions, going back, what breaks, and when each alternative is better."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.compare.alternatives.estimates import Name


@dataclass(frozen=True)
class Words:
    """The properties of an alternative in sentences."""

    versions: str
    rollback: str
    failure: str
    better: str


WORDS: Mapping[Name, Words] = {
    Name.SIDECAR: Words(
        versions="A release names app and content by digest. A task has one version of both.",
        rollback="`tandem rollback`: the tasks of the earlier release, app and content together.",
        failure="A bad content image fails before a visitor sees it: the rollout stops, the old tasks stay.",
        better="App and content must change together, pages must not wait for a network, and content is"
        " below a few gigabytes.",
    ),
    Name.EFS: Words(
        versions="None of its own. All tasks of all releases see a change at once, the old app too.",
        rollback="Write the old files again, or switch a folder; nothing ties it to the app's release.",
        failure="A half-written folder is visible. A mount target that fails takes the zone's tasks with it.",
        better="Content is tens of gigabytes, editors write files directly, and a mix of versions does no"
        " harm.",
    ),
    Name.S3_SYNC: Words(
        versions="A prefix for each version, named in the task definition; a sync of a moving prefix mixes.",
        rollback="The earlier task definition, if its prefix still exists.",
        failure="S3 or the role's policy fails: no task starts. Many small files make each start minutes"
        " long.",
        better="Content is made by another system that writes to S3 already, in a few large files.",
    ),
    Name.S3_PROXY: Words(
        versions="A prefix for each version, named in nginx's configuration; without it pages and assets mix"
        " for as long as the cache keeps them.",
        rollback="The earlier prefix; then the cache's lifetime.",
        failure="S3's latency and errors reach visitors; nginx can serve what it has cached"
        " (proxy_cache_use_stale).",
        better="Content is large, most of it is hardly read, and tasks must start at once.",
    ),
    Name.S3_FILES: Words(
        versions="The bucket's object versions, not those of a release. All tasks see a change within a"
        " minute.",
        rollback="Restore object versions, file by file, or mount another prefix by a new task definition.",
        failure="As EFS; and keys that are no valid file name are not visible.",
        better="Content is written through the S3 API and must be a file system in the task.",
    ),
    Name.CLOUDFRONT: Words(
        versions="Names with a hash of the content; pages without one are cached at each edge for their"
        " own time.",
        rollback="Upload the old pages and invalidate; assets with hashes are still there.",
        failure="The app's release and the content's are two. An edge may serve the old page with the new"
        " API.",
        better="Visitors are far from the region, traffic is high, and assets have names with a hash. It also"
        " goes in front of Tandem, for the same gain.",
    ),
}
