#!/usr/bin/env python3
"""Runs two checkers from PyPI against a gateway of its own: scim2-tester (RFC 7643 and RFC 7644), and schemathesis, which makes
requests from the gateway's OpenAPI document and holds the answers against it.

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

PACKAGES = ["scim2-tester==0.5.2", "scim2-client==0.13.2", "httpx2", "schemathesis==4.32.5"]
EXAMPLES = 30  # of each operation
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
    python = environment(pathlib.Path(cache).resolve())
    binary = pathlib.Path(binary).resolve()
    with tempfile.TemporaryDirectory() as place:
        base, token, process = serve(binary, pathlib.Path(place))
        try:
            suites = [[python, "-c", CHECKS, base, token], document_suite(python, base, token)]
            codes = [subprocess.run(suite, cwd=place, check=False).returncode for suite in suites]
            return int(any(codes))
        finally:
            process.terminate()
            process.wait()


def document_suite(python, base, token):
    """/Me is left out: it answers 501, and says so in the document."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"
    command = [python.with_name("schemathesis"), "run", f"{base}/openapi.json", "--header", f"Authorization: Bearer {token}"]
    return [*command, "--exclude-path", "/Me", "--checks", checks, "--max-examples", str(EXAMPLES), "--generation-database", "none"]


def environment(cache):
    python = cache / "bin" / "python"
    installed = cache / "installed"
    if not installed.exists() or installed.read_text() != "\n".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", cache], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        installed.write_text("\n".join(PACKAGES))
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
