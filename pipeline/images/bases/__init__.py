"""Base images: pulled where a registry answers, else built from Debian's packages.

`provide` chooses and tags, `recipe` reads images/base/bases.toml, `pins` writes digests into it,
`debian_image` builds with mmdebstrap, `apt` installs what that needs. A base leaves as a local Docker tag
that changes with its recipe and content.
"""
