#!/usr/bin/env python3
"""Runs scim2-tester, a checker of RFC 7643 and RFC 7644 from PyPI, against a gateway of its own.

    python3 tests/conformance.py BINARY CACHE      (make conformance)

Exits with 1 when a check fails. Network: PyPI, the first time.
"""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PACKAGES = ["scim2-tester==0.5.2", "scim2-client==0.13.2", "httpx2"]
READY_WITHIN_S = 30

CHECKS = """
import sys
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

headers = {"Authorization": f"Bearer {sys.argv[2]}"}
client = Client(base_url=sys.argv[1], headers=headers, timeout=30)
results = list(check_server(SyncSCIMClient(client)))
bad = [it for it in results if it.status in (Status.DEVIATION, Status.ERROR, Status.CRITICAL)]
for it in bad:
    print("FAIL", it.title, it.reason)
print(f"{len(results) - len(bad)} passed, {len(bad)} failed")
sys.exit(1 if bad or not results else 0)
"""


def main(binary, cache):
    python = environment(pathlib.Path(cache))
    with tempfile.TemporaryDirectory() as place:
        base, token, process = serve(binary, pathlib.Path(place))
        try:
            return subprocess.run([python, "-c", CHECKS, base, token], check=False).returncode
        finally:
            process.terminate()
            process.wait()


def environment(cache):
    python = cache / "bin" / "python"
    if not (cache / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", cache], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        (cache / "installed").touch()
    return python


def serve(binary, place):
    (place / "bootstrap.toml").write_text('[[tenant]]\nid = "acme"\n')
    listen, admin = (f"127.0.0.1:{free_port()}" for _ in range(2))
    command = [binary, "serve", "--data", place / "data", "--listen", listen, "--admin-listen", admin]
    command += ["--bootstrap", place / "bootstrap.toml", "--tokens-out", place / "tokens.jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    while not is_ready(admin):
        if process.poll() is not None or time.monotonic() - began > READY_WITHIN_S:
            raise SystemExit("the gateway does not start")
        time.sleep(0.05)
    issued = json.loads((place / "tokens.jsonl").read_text().splitlines()[0])
    return issued["base_url"], issued["token"], process


def is_ready(admin):
    try:
        with urllib.request.urlopen(f"http://{admin}/readyz", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
