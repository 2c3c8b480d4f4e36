#!/usr/bin/env python3
"""Runs the tool against ten kinds of trouble, and demands the right verdict for each.

usage: check-trouble.py [--quick] [--only NAME] PROGRAM FAULTS

PROGRAM is mfa-conformance, FAULTS is mfa-faults. A proxy on loopback stands before `FAULTS serve`, which is right. The proxy breaks, delays or changes what passes
through it. For each kind this prints the verdict, the exit code and the seconds. `--quick` leaves out what takes long.
"""

import argparse
import email.utils
import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

# Few scenarios and short waits: each kind shows soon. The figures of a run are not the point here.
RUN = ["--scenarios", "10", "--max-wait", "5s", "-j", "4"]
EXAMPLES = ["--phase", "examples"]
SHORT = ["--request-timeout", "700ms"]
THE_THREE = ("EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice")
LISTINGS = ("ListMFADevices", "ListVirtualMFADevices", "ListUsers")


class Trouble:
    """What a kind of trouble does: nothing, unless a method says otherwise."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls = 0
        self.begun = time.monotonic()
        self.dead = False

    def count(self):
        with self.lock:
            self.calls += 1
            return self.calls

    def before(self, handler, parameters):
        """Whether the request is handed on. Whoever says no has dealt with it."""
        return True

    def change(self, action, body):
        """The body of the request as the service gets it."""
        return body

    def date(self):
        """The `Date` header: an instant, in seconds."""
        return time.time()

    def write(self, handler, head, body):
        handler.wfile.write(head + body)


class Resets(Trouble):
    """Resets the connection under each call of the three operations."""

    def before(self, handler, parameters):
        if parameters.get("Action") in THE_THREE:
            handler.reset()
            return False
        return True


class Truncates(Trouble):
    """Ends each reply of the three operations in the middle."""

    def write(self, handler, head, body):
        if handler.action in THE_THREE:
            handler.wfile.write(head + body[: len(body) // 2])
            handler.reset()
        else:
            handler.wfile.write(head + body)


class Hangs(Trouble):
    """Answers nothing any more after so many requests; the port still accepts."""

    def before(self, handler, parameters):
        if self.count() <= 1500:
            return True
        handler.hang()
        return False


class Dies(Trouble):
    """Closes its port and all connections after so many requests."""

    def before(self, handler, parameters):
        if self.count() <= 1500 and not self.dead:
            return True
        self.die(handler)
        return False

    def die(self, handler):
        with self.lock:
            first, self.dead = not self.dead, True
        if first:
            threading.Thread(target=handler.server.close, daemon=True).start()
        handler.reset()


class DiesOfOneInput(Dies):
    """Dies of a code that is too short."""

    def before(self, handler, parameters):
        if self.dead or len(parameters.get("AuthenticationCode1", "123456")) == 5:
            self.die(handler)
            return False
        return True


class Drips(Trouble):
    """Sends each reply in small pieces."""

    def write(self, handler, head, body):
        reply = head + body
        for start in range(0, len(reply), 120):
            handler.wfile.write(reply[start : start + 120])
            time.sleep(0.003)


class HangsOnce(Trouble):
    """Gives no reply in time to one request."""

    numbers = {700}

    def before(self, handler, parameters):
        if self.count() in self.numbers:
            handler.hang()
            return False
        return True


class HangsNowAndThen(HangsOnce):
    """Gives no reply in time to each 150th request."""

    numbers = range(150, 10**9, 150)


class Shifts(Trouble):
    """Writes a `Date` that is so many seconds off."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def date(self):
        return time.time() + self.seconds


class Starts(Trouble):
    """Answers 503, as a load balancer does, for the first seconds after the first request."""

    since = None

    def before(self, handler, parameters):
        with self.lock:
            self.since = self.since or time.monotonic()
        if time.monotonic() - self.since > 3:
            return True
        body = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
        handler.wfile.write(handler.head(503, "Service Unavailable", [("Content-Type", "text/html")], body) + body)
        return False


class Pages(Trouble):
    """Two elements on each page of a listing."""

    def change(self, action, body):
        return body + b"&MaxItems=2" if action in LISTINGS else body


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands requests on as the server's trouble has it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    action = None

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)
        self.upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)

    def finish(self):
        self.server.connections.discard(self.connection)
        self.upstream.close()

    def do_POST(self):
        trouble, length = self.server.trouble, int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        query = self.path.partition("?")[2] if self.command == "GET" else body.decode("latin-1")
        parameters = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.action = parameters.get("Action")
        if not trouble.before(self, parameters):
            return
        body = trouble.change(self.action, body) if self.command == "POST" else body
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "content-length")}
        try:
            self.upstream.request(self.command, self.path, body=body or None, headers=headers)
            reply = self.upstream.getresponse()
            answer = reply.read()
        except (OSError, http.client.HTTPException):
            self.reset()
            return
        kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in ("date", "content-length", "connection")]
        try:
            trouble.write(self, self.head(reply.status, reply.reason, kept, answer), answer)
        except OSError:
            self.close_connection = True

    do_GET = do_POST

    def head(self, status, reason, headers, body):
        date = email.utils.formatdate(self.server.trouble.date(), usegmt=True)
        headers = headers + [("Date", date), ("Content-Length", str(len(body)))]
        lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def reset(self):
        self.close_connection = True
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        except OSError:
            pass

    def hang(self):
        # Until the client gives up; what it sends on this connection meanwhile is nobody's.
        self.close_connection = True
        try:
            self.connection.settimeout(30)
            while self.connection.recv(4096):
                pass
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream, trouble):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream, self.trouble, self.connections = upstream, trouble, set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, *_):
        pass


class Kind:
    """A kind of trouble, with what a run has to come to."""

    def __init__(self, name, trouble, code, options=(), clauses=None, says="", serve=(), busy=0, quick=False):
        self.name, self.trouble, self.code, self.options = name, trouble, code, list(options)
        self.clauses, self.says, self.serve, self.busy, self.quick = clauses, says, list(serve), busy, quick


# These kinds play the examples alone: a run that is cut short claims what it tested, and no more.
PASSES = "PASS for "
STOPPED = "it stopped answering in the middle of the run ("
KINDS = [
    Kind("nothing", Trouble, 3, EXAMPLES, says=PASSES, quick=True),
    Kind("reset of the three operations", Resets, 1, EXAMPLES, {"robustness.no-crash"}, "3 findings", quick=True),
    Kind("truncation of the three operations", Truncates, 1, EXAMPLES, {"robustness.no-crash"}, "3 findings"),
    Kind("hang from some request on", Hangs, 3, EXAMPLES + SHORT, set(), STOPPED, quick=True),
    Kind("slow drip", Drips, 3, EXAMPLES, says=PASSES),
    Kind("one time-out", HangsOnce, 3, EXAMPLES + SHORT, {"robustness.answers"}, "1 finding is flaky", quick=True),
    Kind("occasional time-outs", HangsNowAndThen, 1, EXAMPLES + SHORT, {"robustness.answers"}, "finding", quick=True),
    Kind("Date two minutes ahead", lambda: Shifts(120), 3, EXAMPLES, says=PASSES, quick=True),
    Kind("Date an hour behind", lambda: Shifts(-3600), 3, EXAMPLES, says=PASSES),
    Kind("Date three years ahead", lambda: Shifts(3 * 365 * 86400), 3, EXAMPLES, says=PASSES),
    Kind("crash on one input", DiesOfOneInput, 3, ["--phase", "boundary"], set(), "EnableMFADevice ("),
    Kind("death half-way", Dies, 3, EXAMPLES, set(), STOPPED, quick=True),
    Kind("503 at start-up", Starts, 3, EXAMPLES, says=PASSES, quick=True),
    Kind("listings that lag by 300 ms, in pages of two", Pages, 3, EXAMPLES, says=PASSES, serve=["listings-300-ms-old"]),
    Kind("both cores busy", Trouble, 3, EXAMPLES, says=PASSES, busy=2),
]


def served(faults, options):
    """A right service, and where it answers."""
    process = subprocess.Popen(
        [faults, "serve", "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return process, process.stdout.readline().strip().removeprefix("http://")


def judge(program, faults, kind, folder):
    service, address = served(faults, kind.serve)
    spin = "while True: pass"
    busy = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(kind.busy)]
    proxy = Proxy(address, kind.trouble())
    report = pathlib.Path(folder) / "report.json"
    report.unlink(missing_ok=True)
    begun = time.monotonic()
    try:
        command = [program, "run", "--endpoint-url", proxy.url, *RUN, *kind.options, "--report", f"json={report}"]
        # Whoever sets an endpoint or credentials means another run.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
        ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    finally:
        seconds = time.monotonic() - begun
        proxy.close()
        for process in [service, *busy]:
            process.send_signal(signal.SIGTERM)
            process.wait()
    if not report.exists():
        return seconds, "no report", [ended.stdout[-500:], ended.stderr[-500:]]
    told = json.loads(report.read_text(encoding="utf-8"))
    verdict, reason = f"{told['verdict']} (exit {ended.returncode})", told["verdict_reason"]
    found = sorted({finding["clause"] for finding in told["findings"]})
    problems = []
    if ended.returncode != kind.code:
        problems.append(f"exit code {ended.returncode}, {kind.code} is right: {reason}")
    wanted = kind.clauses if kind.clauses is not None else set()
    if set(found) != wanted:
        problems.append(f"findings on {found}, {sorted(wanted)} is right")
        problems.extend(f"  {finding['title']}: {finding['steps'][-3:]}" for finding in told["findings"])
    if kind.says not in reason:
        problems.append(f"the reason doesn't say {kind.says!r}: {reason}")
    return seconds, verdict, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    parser.add_argument("--only", metavar="NAME", help="the kinds with this in their name")
    parser.add_argument("program")
    parser.add_argument("faults")
    arguments = parser.parse_args()
    kinds = [kind for kind in KINDS if (kind.quick or not arguments.quick) and (arguments.only or "") in kind.name]
    wrong, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            seconds, verdict, problems = judge(arguments.program, arguments.faults, kind, folder)
            wrong += bool(problems)
            print(f"{'WRONG' if problems else 'right':<6} {kind.name:<46} {verdict:<24} {seconds:6.1f} s", flush=True)
            for problem in problems:
                print(f"       {problem}")
    print(f"{len(kinds) - wrong} of {len(kinds)} kinds of trouble judged as they should be, in {time.monotonic() - begun:.0f} s")
    sys.exit(1 if wrong or not kinds else 0)


if __name__ == "__main__":
    main()
