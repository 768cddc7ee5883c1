"""Debian's Chromium, and pages in it."""

import os
import shutil
from contextlib import contextmanager

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.bases.apt import install_packages, is_root_on_debian


@pytest.fixture(scope="session")
def chromium():
    """The browser's path; installed on Debian as root."""
    if not shutil.which("chromium"):
        if not is_root_on_debian():
            pytest.skip("no chromium on PATH, and it can be installed on Debian as root only")
        try:
            install_packages(["chromium"], print)
        except TandemError as error:
            pytest.skip(f"chromium cannot be installed: {error.message}")
    return shutil.which("chromium")


@contextmanager
def browser_of(chromium):
    """A browser without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import, for few tests

    options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser, **options):
    """A page in a context of its own; `page.problems` are its errors of the console and of scripts."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
    try:
        yield page
    finally:
        context.close()
