"""Measure what one machine can carry of the alternatives: `python -m tests.bench.alternatives`.

A local S3 server (moto), nginx from PATH or `--nginx`, and one client on the loopback interface. Pages are
fetched in turns, so that other load on the machine meets all ways alike. It writes
pipeline/compare/alternatives/measured.json.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import boto3
from botocore.config import Config

from pipeline.compare.alternatives.machine_figures import FILE, MachineFigures
from pipeline.records import machine
from tests.support.ports import free_port

PAGE, FILES, CONTENT = 50 * 1024, 2400, 150_000_000
TURNS, WARM_UP, AT_ONCE, SYNCS = 1000, 10, 10, 3
BUCKET = "content"
CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=s3:10m;
    upstream s3 {{ server 127.0.0.1:{s3}; keepalive 16; }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host 127.0.0.1:{s3};
    server {{
        listen 127.0.0.1:{port};
        location /file/ {{ alias {content}/; }}
        location /proxied/ {{ proxy_pass http://s3/{bucket}/; }}
        location /cached/ {{ proxy_pass http://s3/{bucket}/; proxy_cache s3; proxy_cache_valid 200 1h; }}
    }}
}}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nginx", default=shutil.which("nginx") or "nginx")
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-alternatives-") as folder:
        measured = measure(Path(folder), options.nginx)
    options.output.write_text(json.dumps(asdict(measured), indent=2) + "\n", encoding="utf-8")
    print(options.output)


def measure(folder: Path, nginx: str) -> MachineFigures:
    """Everything, in about a minute."""
    content = folder / "content"
    make_content(content)
    load = os.getloadavg()[0]
    with running_s3() as s3, running_nginx(nginx, folder, content, s3) as port:
        client = connect(s3)
        upload(client, content)
        pages = measure_pages(port, s3)
        syncs = [seconds(lambda n=n: sync(client, folder / f"sync-{n}")) for n in range(SYNCS)]
        copies = [seconds(lambda n=n: copy(content, folder / f"copy-{n}")) for n in range(SYNCS)]
        body = bytes(PAGE)
        puts = [seconds(lambda: client.put_object(Bucket=BUCKET, Key="one", Body=body)) for _ in range(100)]
    marked = {
        f"{way}_{name}": round(value, 6) for way, times in pages.items() for name, value in marks(times)
    }
    return MachineFigures(
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.describe(),
        load=round(load, 2),
        n=TURNS,
        **marked,
        content_bytes=sum(file.stat().st_size for file in content.iterdir()),
        files=FILES,
        sync=round(median(syncs), 3),
        copy=round(median(copies), 3),
        put=round(median(puts), 6),
    )


def make_content(folder: Path) -> None:
    """A page, and files whose sizes differ by a factor of twenty; no byte of them repeats."""
    draw = random.Random(1)  # noqa: S311 - reproducible
    folder.mkdir()
    (folder / "page.html").write_bytes(draw.randbytes(PAGE))
    weights = [draw.uniform(0.1, 2.0) for _ in range(FILES - 1)]
    for number, weight in enumerate(weights):
        size = int(weight / sum(weights) * (CONTENT - PAGE))
        (folder / f"{number:05}.bin").write_bytes(draw.randbytes(size))


def measure_pages(port: int, s3: int) -> dict[str, list[float]]:
    """Seconds of each request, by way; the first ones open connections and fill the cache."""
    paths = {
        "file": (port, "/file/page.html"),
        "cached": (port, "/cached/page.html"),
        "proxied": (port, "/proxied/page.html"),
        "direct": (s3, f"/{BUCKET}/page.html"),
    }
    connections = {way: http.client.HTTPConnection("127.0.0.1", at) for way, (at, _) in paths.items()}
    times: dict[str, list[float]] = {way: [] for way in paths}
    for _ in range(WARM_UP + TURNS):
        for way, (_, path) in paths.items():
            times[way].append(seconds(lambda way=way, path=path: fetch(connections[way], path)))
    return {way: durations[WARM_UP:] for way, durations in times.items()}


def fetch(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    answer = connection.getresponse()
    if (answer.status, len(answer.read())) != (200, PAGE):
        raise SystemExit(f"{path} answered {answer.status}")


def sync(client: Any, to: Path) -> None:
    """As `aws s3 sync` does: list, then get each file, ten at a time."""
    to.mkdir()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    keys = [item["Key"] for page in pages for item in page["Contents"]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda key: client.download_file(BUCKET, key, str(to / key)), keys))
    if len(list(to.iterdir())) < FILES:
        raise SystemExit("the sync is not complete")


def copy(content: Path, to: Path) -> None:
    shutil.copytree(content, to)


def upload(client: Any, content: Path) -> None:
    client.create_bucket(Bucket=BUCKET)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda file: client.upload_file(str(file), BUCKET, file.name), content.iterdir()))
    client.put_object_acl(Bucket=BUCKET, Key="page.html", ACL="public-read")


def connect(port: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(max_pool_connections=AT_ONCE, s3={"addressing_style": "path"}),
    )


@contextmanager
def running_s3() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with running(command, f"http://127.0.0.1:{port}/moto-api/"):
        yield port


@contextmanager
def running_nginx(program: str, folder: Path, content: Path, s3: int) -> Iterator[int]:
    port, file = free_port(), folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # else the worker is nobody, who may not read the folder
    values = {"user": user, "folder": folder, "content": content, "s3": s3, "port": port, "bucket": BUCKET}
    file.write_text(CONFIGURATION.format(**values), encoding="utf-8")
    command = [program, "-c", str(file), "-p", str(folder), "-e", str(folder / "error.log")]
    with running(command, f"http://127.0.0.1:{port}/file/page.html"):
        yield port


@contextmanager
def running(command: list[str], address: str) -> Iterator[None]:
    """The program, once it answers at `address`."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                if answers(address):
                    break
                if process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {process.returncode}")
                time.sleep(0.1)
            else:
                raise SystemExit(f"{command[0]} does not answer at {address}")
            yield
        finally:
            process.terminate()


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address).read()  # noqa: S310 - of this program
    except OSError:
        return False
    return True


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def marks(times: list[float]) -> Iterator[tuple[str, float]]:
    yield "p50", median(times)
    yield "p99", quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
