"""One site beside the stack, on a port of its own: of work trees (`tandem dev`), or of a preview's images.

`origins` says which files of each source count, and `content` keeps a folder equal to those of the content.
`containers` runs the app as a task's container runs (`container_configs`), `function` the API as Lambda does;
`front` is the port in front of both. `site` holds what runs and exchanges it, `session` what all of it needs:
a lock, a network, and their removal. `work_trees` and `images` are the two ways to fill a site.
"""
