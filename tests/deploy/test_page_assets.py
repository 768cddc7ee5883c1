"""`tandem check` asks for a file that browsers load, not for a page that the page links to."""

import pytest

from tests.smoke.page_assets import assets

URL = "http://127.0.0.1:8080/docs/"


@pytest.mark.parametrize(
    ("page", "paths"),
    [
        ('<a href="/2025/05/18/news.html">news</a>', []),
        ('<link rel="canonical" href="/docs/index.html">', []),
        ('<link rel="stylesheet" href="/site.css?v=1">', ["/site.css"]),
        ("<LINK REL='shortcut icon' HREF=/favicon.ico>", ["/favicon.ico"]),
        ('<script src="main.js"></script><img src="../a%20b.png">', ["/docs/main.js", "/a%20b.png"]),
        ('<script src="https://cdn.example/x.js"></script>', []),
        ('<img src="//cdn.example/x.png"><img src="data:image/gif;base64,R0lG">', []),
        ('<!-- <script src="/old.js"></script> --><script>let a = 1</script>', []),
        ("<img>", []),
    ],
)
def test_only_files_of_this_site_that_browsers_load(page, paths):
    assert list(assets(page, URL)) == paths
