"""Containers that run one command."""

from typing import Any


def output(client: Any, image: str, command: list[str] | None = None, **options: Any) -> bytes:
    """What `command` writes in a container of `image`, which is gone afterwards; AssertionError if it fails.

    `containers.run(remove=True)` follows the log while the container ends, and at times reads nothing of it.
    """
    container = client.containers.create(image, command, **options)
    try:
        container.start()
        code = container.wait()["StatusCode"]
        text: bytes = container.logs(stderr=False)
        assert code == 0, container.logs()
        return text
    finally:
        container.remove(v=True, force=True)


def output_within(container: Any, *command: str) -> bytes:
    """What `command` writes in a running container; repeated if a busy Docker Engine loses it."""
    for _ in range(5):
        if text := container.exec_run(list(command)).output:
            break
    return bytes(text)
