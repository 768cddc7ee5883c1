"""The client of image registries, after the OCI distribution specification.

`client` has the verbs on manifests and blobs; `upload`, `download` and `copy` move blobs. `transport`
retries what `exchange` sends: one HTTP exchange with its redirects and limits. `auth` answers `challenges`,
`responses` turns refusals into errors, `documents` reads JSON. `image_manifest` and `blob` are the values
that cross the room's border. Content that is read is checked against its digest. The room imports `core`,
and `aws` for ECR's login.
"""

from pipeline.registry.blob import Blob, ByteCount, ByteCounter
from pipeline.registry.client import Registry, connect
from pipeline.registry.copy import copy_blobs, copy_image
from pipeline.registry.image_manifest import (
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
    Descriptor,
    Manifest,
    canonical_json,
    digest_of,
)
from pipeline.registry.responses import MissingBlobError

__all__ = [
    "DOCKER_LAYER",
    "DOCKER_MANIFEST",
    "OCI_CONFIG",
    "OCI_LAYER",
    "OCI_MANIFEST",
    "Blob",
    "ByteCount",
    "ByteCounter",
    "Descriptor",
    "Manifest",
    "MissingBlobError",
    "Registry",
    "canonical_json",
    "connect",
    "copy_blobs",
    "copy_image",
    "digest_of",
]
