"""Example sources of the local stack: repositories made of the folders that tandem.toml names.

`repositories` makes one bare repository a source, with the same commit on every machine; `content` generates
the bulk of the static one. The package imports `git` and `core`; a `Project` enters, and one that names the
repositories leaves.
"""
