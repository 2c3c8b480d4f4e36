#!/usr/bin/env python3
"""Shows on real emulators that baselines let pass what is known, and nothing else.

usage: check-baselines.py PROGRAM TARGET…

For each target: writes a list of known gaps and snapshots, and demands that a run and a check with them pass. Then it
puts a proxy before the target that takes the request's number out of each successful reply to DeactivateMFADevice, and
demands that both fail, and show that difference alone.
"""

import http.client
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

RUN = ["--quick"]
CLAUSE = "wire.deactivate.success-request-id"
METADATA = re.compile(rb"<ResponseMetadata>.*?</ResponseMetadata>", re.DOTALL)
# What that changes in a snapshot.
CHANGED = re.compile(
    r"(\s|&#xA;|</?ResponseMetadata>|<RequestId>\[request id\]</RequestId>|</?DeactivateMFADeviceResponse[^>]*>)*"
)


class Proxy(http.server.BaseHTTPRequestHandler):
    """Hands requests on, and changes one kind of reply."""

    protocol_version = "HTTP/1.1"
    # A reply goes out in one piece, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    upstream = ""

    def setup(self):
        super().setup()
        # One connection for another: a new one for each request keeps the target waiting now and then.
        self.connection_on = http.client.HTTPConnection(self.upstream, timeout=30)

    def finish(self):
        self.connection_on.close()
        super().finish()

    def handed_on(self, body, headers):
        self.connection_on.request(self.command, self.path, body, headers)
        return self.connection_on.getresponse()

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        try:
            reply = self.handed_on(body, headers)
        except (http.client.BadStatusLine, ConnectionError):
            # The target closes what is idle.
            self.connection_on.close()
            reply = self.handed_on(body, headers)
        content = reply.read()
        if b"<DeactivateMFADeviceResponse" in content:
            content = METADATA.sub(b"", content)
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = handle_request

    def log_message(self, *_):
        pass


def call(expected, *command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != expected:
        sys.exit(f"exit code {done.returncode} instead of {expected}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def new_findings(path):
    report = json.loads(path.read_text(encoding="utf-8"))
    known = {gap["finding"] for gap in report["known_gaps"] if gap["state"] == "known"}
    stale = [gap for gap in report["known_gaps"] if gap["state"] != "known"]
    return [finding for finding in report["findings"] if finding["id"] not in known], stale


def check(program, target, folder):
    gaps, report, snapshots = folder / "gaps.toml", folder / "report.json", folder / "snapshots"
    call(0, program, "snapshot", "record", "--target", target, "--dir", str(snapshots))
    call(0, program, "snapshot", "check", "--target", target, "--dir", str(snapshots))
    call(0, program, "known-gaps", "update", str(gaps), "--target", target, *RUN)
    call(0, program, "run", "--target", target, "--known-gaps", str(gaps), "--report", f"json={report}", *RUN)
    entries = gaps.read_text().count("[[gap]]")

    started = subprocess.Popen([program, "targets", "start", target], stdout=subprocess.PIPE, text=True)
    try:
        Proxy.upstream = urllib.parse.urlsplit(started.stdout.readline().strip()).netloc
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = ["--endpoint-url", f"http://127.0.0.1:{server.server_port}"]
        # First, since a run may leave devices that the target doesn't delete.
        diff = call(1, program, "snapshot", "check", *endpoint, "--name", target, "--dir", str(snapshots))
        call(1, program, "run", *endpoint, "--known-gaps", str(gaps), "--report", f"json={report}", *RUN)
        new, stale = new_findings(report)
        if [finding["clause"] for finding in new] != [CLAUSE] or stale:
            sys.exit(f"{target}: new are {[finding['title'] for finding in new]}, not as known {stale}")
        server.shutdown()
    finally:
        started.terminate()
        started.wait()
    changed = [line[1:].strip() for line in diff.splitlines() if line[:1] in "+-"]
    other = [line for line in changed if not CHANGED.fullmatch(line)]
    if not changed or other:
        sys.exit(f"{target}: the snapshots differ in {other[:5]}")
    pending = len(list(snapshots.rglob("*.snap.new")))
    print(f"{target}: {entries} known gaps pass; one answer changed: 1 new finding, {pending} snapshots differ in it alone")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for target in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            check(sys.argv[1], target, pathlib.Path(folder))
    print(f"{len(sys.argv) - 2} passed, 0 failed")


if __name__ == "__main__":
    main()
