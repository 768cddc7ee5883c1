"""Layers as streams: written from git's blobs, read back, merged and flattened.

`tar` writes folders, deletions and files with the headers of `tar_header` through `writer`, which compresses;
`layer_files` turns blobs into a layer's files. `reader` reads layers, `merge` joins delta layers, `flatten`
adds all layers up. `image_tree` says which files an image of a git tree holds; `progress` reports bytes.
"""
