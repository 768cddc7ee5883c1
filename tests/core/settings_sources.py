"""The tables of a settings file that nothing else is needed beside."""

SOURCES = """
[sources.app]
repository = "a"
[sources.static]
repository = "https://example.com/static.git"
[sources.api]
repository = "c"
"""
