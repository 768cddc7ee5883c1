"""A runtime client of a few lines, with a function whose events say what it does."""

import json
import os
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

RUNTIME = "/2018-06-01/runtime/"
connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def post(path, value):
    connection.request("POST", RUNTIME + path, json.dumps(value))
    response = connection.getresponse()
    response.read()
    if response.status != 202:
        sys.exit(4)


def job():
    connection.request("GET", f"{RUNTIME}invocation/next")
    response = connection.getresponse()
    return dict(response.getheaders()), json.loads(response.read())


def touched(path):
    try:
        Path(path).write_text("x")
    except OSError as error:
        return error.strerror
    return "written"


def unsigned():
    """The status of a request to AWS without a signature."""
    connection = HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, timeout=5)
    connection.request("POST", "/")
    return connection.getresponse().status


def facts():
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {
        "environment": dict(os.environ),
        "user": os.getuid(),
        "capabilities": status["CapEff"],
        "no_new_privileges": status["NoNewPrivs"],
        "root": touched("/evil"),
        "tmp": touched("/tmp/fine"),  # noqa: S108
        "unsigned": unsigned(),
    }


def answer(event):
    path, query = event.get("path", ""), event.get("queryStringParameters") or {}
    if path.endswith("/sleep"):
        time.sleep(float(query["for"]))
    if path.endswith("/exit"):
        os._exit(3)
    if path.endswith("/eat"):
        return {"statusCode": 200, "body": str(len(bytearray(1 << 30)))}
    if path.endswith("/big"):
        return {"statusCode": 200, "body": "x" * int(query["by"])}
    if path.endswith("/length"):
        return {"statusCode": 200, "body": str(len(event["body"]))}
    if path.endswith("/no-response"):
        return {"hello": 1}
    body = {"event": event, "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"], "pid": os.getpid()}
    if path.endswith("/facts"):
        body["facts"] = facts()
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def main():
    if os.environ.get("INIT") == "error":
        post("init/error", {"errorType": "ImportError", "errorMessage": "no module named sea"})
        sys.exit(1)
    if os.environ.get("INIT") == "exit":
        sys.exit(2)
    if os.environ.get("INIT") == "slow":
        time.sleep(60)
    while True:
        headers, event = job()
        at = f"invocation/{headers['Lambda-Runtime-Aws-Request-Id']}"
        path = event.get("path", "")
        print("got", path, flush=True)
        if path.endswith("/raise"):
            post(f"{at}/error", {"errorType": "ValueError", "errorMessage": "no"})
        elif path.endswith("/job"):
            post(f"{at}/response", sorted(name for name in headers if name.startswith("Lambda-")))
        else:
            post(f"{at}/response", answer(event))


main()
