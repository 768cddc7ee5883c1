"""Build the images of a release and push them.

`builder` turns commits into pushed images, each once: an image of equal inputs (`input_tag`) is reused.
`contexts` lays out what Docker builds from, `docker` builds, `transfer` pushes and pulls, `run_once` runs a
container, `wheels` installs the API's requirements, `bases/` provides base images, `fuse` joins two images,
and `static/` assembles the static image from git without Docker. The room imports `git`, `registry`,
`records` and `core`; only it and `local` import docker. Commits enter, `ImageRef`s leave.
"""
