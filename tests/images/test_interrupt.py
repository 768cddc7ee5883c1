"""Ctrl-C ends builds and uploads within two seconds, although other threads do them."""

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from pipeline.core.interrupts import RunInterruptedError, go_on, interruptible
from pipeline.images.docker import build_image
from pipeline.images.static.image.push import Pusher
from pipeline.registry import Blob, connect
from tests.registry.server import running

BEGUN = b'{"stream": "Step 1/1 : RUN sleep 600\\n"}\r\n'
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"


NOTHING = (
    b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 33\r\n\r\n"
    b'{"message": "No such image: x:y"}'
)


class Engine:
    """A Docker Engine whose build never ends, unless the client leaves."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.begun, self.disconnect = threading.Event(), threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        first, headers = stream.readline(), http.client.parse_headers(stream)
        if b"/build" not in first:
            connection.sendall(NOTHING)
            connection.close()
            return
        stream.read(int(headers["Content-Length"]))
        connection.sendall(HEAD + f"{len(BEGUN):x}\r\n".encode() + BEGUN + b"\r\n")
        self.begun.set()
        while connection.recv(1 << 16):
            pass
        self.disconnect.set()


@contextmanager
def interrupted_once(ready: threading.Event) -> Iterator[None]:
    """Interrupt the block when it is `ready`; it must end within two seconds then."""
    times, over = [], threading.Event()

    def interrupt() -> None:
        while not ready.wait(0.05):
            if over.is_set():
                return  # it failed before: an interrupt would end all tests
        times.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        ended = time.monotonic()
        over.set()
        thread.join()
    assert ended - times[0] < 2


def in_threads(work: Callable[[], object]) -> None:
    """What the builder does: the work is in threads, and the main thread waits."""
    with ThreadPoolExecutor(1) as pool, interruptible():
        list(pool.map(lambda _: work(), range(3)))


@pytest.mark.slow
def test_a_build_ends_and_docker_notices(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nRUN sleep 600\n")
    engine = Engine()
    client = docker.DockerClient(f"tcp://127.0.0.1:{engine.server.getsockname()[1]}", version="1.41")

    def build() -> None:
        build_image(client, tmp_path, tmp_path / "Dockerfile", {}, "x:y", progress=lambda _: None)

    with interrupted_once(engine.begun):
        in_threads(build)
    assert engine.disconnect.wait(5)


@pytest.mark.slow
def test_uploads_end(tmp_path: Path) -> None:
    content = tmp_path / "blob"
    content.write_bytes(b"x" * (64 << 20))
    first = threading.Event()

    class Slow:
        """Counts the bytes of an upload, and takes a while for each megabyte."""

        def moved(self, _: int) -> None:
            first.set()
            time.sleep(0.2)

    with running(tmp_path) as host:

        def push() -> None:
            with Pusher(connect(host), "shop/static", Slow()) as pusher:
                for number in range(20):
                    blob = Blob.of(str(number).encode(), "x")
                    pusher.push(Blob(blob.descriptor, content))
                pusher.wait()

        with interrupted_once(first):
            in_threads(push)


def test_the_next_run_of_a_process_goes_on() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise KeyboardInterrupt
    with pytest.raises(RunInterruptedError):
        go_on()
    with interruptible():
        go_on()


def test_an_ordinary_error_interrupts_nothing() -> None:
    with pytest.raises(ValueError, match="x"), interruptible():
        raise ValueError("x")
    go_on()
