"""What runs here, what was released, and what is happening now: read from the environment's releases.

`objects` reads the release store, `views` turns its documents into what a visitor may see, `web` serves
that over HTTP. Nothing here changes anything, and nothing here knows whether Lambda or a server runs it.
"""
