"""Facts about ELBv2's wildcards."""

import re

import pytest

from pipeline.local.alb import wildcards


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/api/*", "/api/a/b", True),
        ("/api/*", "/api", False),
        ("/api", "/api/", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/a.c", "/abc", False),
        ("/a+(b)[c]{1}|^$", "/a+(b)[c]{1}|^$", True),
        ("/API", "/api", False),
    ],
)
def test_a_pattern_covers_the_whole_path(pattern, path, fits):
    assert bool(re.search(wildcards.full_value(pattern), path)) == fits


@pytest.mark.parametrize("host", ["a.example.com", "a.example.com:8080"])
def test_the_port_is_no_part_of_the_host(host):
    assert re.search(wildcards.host("*.example.com"), host)


@pytest.mark.parametrize(
    ("key", "value", "query", "fits"),
    [
        ("v", "1", "v=1", True),
        ("v", "1", "a=2&v=1&b", True),
        ("v", "1", "xv=1", False),
        ("v", "1", "v=11", False),
        (None, "*ex*", "a=b&c=text", True),
        (None, "*ex*", "ex=b", False),
        ("v", "*", "v=a&b=c", True),
        ("v", "*", "v", True),
        ("v", "\\*", "v=*", True),
        ("v", "\\*", "v=a", False),
    ],
)
def test_a_parameter_is_matched_whole(key, value, query, fits):
    assert bool(re.search(wildcards.parameter(key, value), query)) == fits
