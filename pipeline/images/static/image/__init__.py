"""Images as values: the state in their annotations, their manifest, and the images in the registry.

`annotations` holds what the next build must know, `assembly` joins layers, `previous` finds the image to
start from, `push` uploads while other layers are still being written.
"""
