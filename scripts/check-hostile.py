#!/usr/bin/env python3
"""Runs the tool against hostile servers and limits what each of them costs.

usage: check-hostile.py [--only NAME] [--most-memory MB] [--time SECONDS] PROGRAM

A proxy on loopback stands before `PROGRAM serve` and changes its replies. For each kind of server this prints the exit
code, the seconds and the peak memory of `PROGRAM run`. It fails if a run takes too much memory or time, panics,
passes, or prints a line that a CI system reads as a command, a control character, or the run's own credentials.
"""

import argparse
import base64
import gzip
import http.client
import http.server
import multiprocessing
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

MB = 1 << 20
RUN = ["--phase", "examples", "--phase", "boundary", "--max-wait", "0s", "--settle", "200ms", "--request-timeout", "1s"]
THE_THREE = ("EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice")
SECRET, TOKEN = "secretsecretsecret/secret+secret", "token+of/the=session-that-is-hidden"
COMMANDS = ("::error::hostile", "##[error]hostile", "##vso[task.complete result=Failed;]", "##teamcity[hostile]", "::stop-commands::x")
CONTROLS = "\x1b[31m\x07\x1b]0;title\x07\x9b2J\u202e\u2066\u200b\r\n\t"
# What the systems read: GitHub a line that begins with "::" (it trims the line), and it and Azure "##[" and "##vso[" anywhere.
FORBIDDEN_LINE = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[")
FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


class Kind:
    """A kind of hostile server: it changes replies, or writes them in its own way."""

    scheme = "http"
    # What standard output has to say.
    says = ""
    # The exit codes that are right.
    codes = (1, 3)
    # The operations whose replies it changes; all if there are none.
    only = THE_THREE

    def body(self, handler, body):
        return body

    def headers(self, headers):
        return headers

    def write(self, handler, head, body):
        handler.wfile.write(head + body)


class Endless(Kind):
    """A body without an end."""

    def write(self, handler, head, body):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<ErrorResponse><Error><Message>")
        for _ in range(4096):
            handler.wfile.write(b"x" * 65536)


class EndlessForAll(Endless):
    """The same for every operation."""

    only = ()


class Drip(Kind):
    """A byte now and then."""

    def write(self, handler, head, body):
        for byte in head + body:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)


class Zipped(Kind):
    """A small gzip body that stands for 1 GB."""

    # A file of gzip may have many parts, one after another.
    bomb = gzip.compress(b" " * (10 * MB)) * 100

    def body(self, handler, body):
        return self.bomb

    def headers(self, headers):
        return headers + [("Content-Encoding", "gzip")]


class Entities(Kind):
    """Entities that stand for a billion others."""

    def body(self, handler, body):
        lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{lines}]><ErrorResponse>&e9;</ErrorResponse>'.encode()


class Nested(Kind):
    """100,000 elements, one in another."""

    def body(self, handler, body):
        return b"<ErrorResponse>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</ErrorResponse>"


class Wide(Kind):
    """As many elements as fit."""

    def body(self, handler, body):
        return b"<ErrorResponse>" + b"<a/>" * 99_000 + b"</ErrorResponse>"


class Headers(Kind):
    """10,000 headers."""

    def headers(self, headers):
        return headers + [(f"X-{number}", "x" * 20) for number in range(10_000)]


class LongMessages(Kind):
    """Errors with messages of 1 MB, for every operation: they conform, and each run stops early."""

    only, codes = (), (0, 3)

    def body(self, handler, body):
        return re.sub(rb"<Message>[^<]*", b"<Message>" + b"long " * (MB // 5), body)


class LongWrongErrors(LongMessages):
    """The same with codes that nobody knows: many findings, each with its replies."""

    only, codes = THE_THREE, (1, 3)

    def body(self, handler, body):
        return super().body(handler, body.replace(b"<Code>", b"<Code>Wrong"))


class LongEverything(Kind):
    """The same in each text of an error or success of the three operations."""

    def body(self, handler, body):
        return re.sub(rb">([^<\s]+)</", lambda found: b">" + found[1] + b"y" * (MB // 2) + b"</", body)


class LongSeeds(Kind):
    """Seeds of 2 MB."""

    only = ("CreateVirtualMFADevice",)

    def body(self, handler, body):
        seed = base64.b64encode(b"JBSWY3DPEHPK3PXP" * (2 * MB // 16))
        return re.sub(rb"<Base32StringSeed>[^<]*", b"<Base32StringSeed>" + seed, body)


class TooShort(Kind):
    """A body that is shorter than announced."""

    def write(self, handler, head, body):
        handler.wfile.write(re.sub(rb"Content-Length: (\d+)", lambda found: b"Content-Length: %d" % (int(found[1]) + 100), head))
        handler.wfile.write(body)
        handler.close_connection = True


class TooLong(Kind):
    """A body that is longer than announced: the rest poses as the next reply."""

    def write(self, handler, head, body):
        rest = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 3
        handler.wfile.write(head + body + rest)


class Huge(Kind):
    """An announced length of 16 EB."""

    def write(self, handler, head, body):
        handler.wfile.write(re.sub(rb"Content-Length: \d+", b"Content-Length: 18446744073709551615", head) + body)


class Redirects(Kind):
    """A redirect to a server that nobody allowed."""

    def write(self, handler, head, body):
        handler.wfile.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n")


class Untrusted(Kind):
    """TLS with a certificate that nobody trusts."""

    scheme, says = "https", "--ca-file"


def inserted(text, body):
    """The body with a text before each text in it, on a line of its own."""
    text = escape(f"\n{text}\n").encode()
    return re.sub(rb">([^<\s]+)</", lambda found: b">" + text + found[1] + b"</", body)


class CommandsInMessages(Kind):
    """Messages, request ids and types that a CI system takes for commands."""

    only = ()

    def body(self, handler, body):
        text = "\n".join(COMMANDS)
        return re.sub(rb"<(Message|RequestId|Type)>([^<]*)", lambda found: b"<%s>%s\n\n%s" % (found[1], text.encode(), found[2]), body)


class CommandsEverywhere(Kind):
    """Commands in every text of the three operations."""

    def body(self, handler, body):
        for command in COMMANDS:
            body = inserted(command, body)
        return body


class CommandsAsNames(Kind):
    """Names that are commands, in the listings and of what is created."""

    only = ("ListMFADevices", "ListVirtualMFADevices", "ListUsers", "CreateUser")

    def body(self, handler, body):
        return body.replace(b"mfac-", b"\n##vso[x]mfac-").replace(b"<SerialNumber>", b"<SerialNumber>\n::error::x\n")


class CommandsAsCodes(Kind):
    """Error codes that are commands."""

    def body(self, handler, body):
        command = COMMANDS[len(body) % len(COMMANDS)].encode()
        return body.replace(b"<Code>", b"<Code>" + command).replace(b"<Message>", b"<a/>\n" + command + b"\n<Message>")


class Controls(Kind):
    """Control characters in every text, as references."""

    def body(self, handler, body):
        references = "".join(f"&#{ord(one)};" for one in CONTROLS if one in "\t\r\n" or ord(one) >= 0x20)
        return re.sub(rb">([^<\s]+)</", lambda found: b">" + references.encode() + found[1] + b"</", body)


class RawControls(Kind):
    """The same as bytes, in the body and in a header."""

    def body(self, handler, body):
        return inserted(CONTROLS, body)

    def headers(self, headers):
        return headers + [("Content-Type", "text/\x9b2J\x1b[31m")]

    only = THE_THREE


class Echo(Kind):
    """The request's headers and body, in the message and in the code."""

    only = ()

    def body(self, handler, body):
        headers = "\n".join(f"{name}: {value}" for name, value in handler.headers.items()) + TOKEN
        told = headers + urllib.parse.quote(headers, safe="") + handler.form
        return re.sub(rb"<(Message|Code)>", lambda found: b"<%s>" % found[1] + escape(told).encode(), body)


class EchoUnreadable(Echo):
    """The same in a body that is not XML."""

    only = THE_THREE

    def body(self, handler, body):
        return ("<html>" + "\n".join(f"{name}: {value}" for name, value in handler.headers.items())).encode()


KINDS = {
    "endless body": Endless,
    "endless body everywhere": EndlessForAll,
    "drip": Drip,
    "gzip bomb": Zipped,
    "entity expansion": Entities,
    "100,000 nested elements": Nested,
    "99,000 elements": Wide,
    "10,000 headers": Headers,
    "1 MB messages": LongMessages,
    "1 MB messages, wrong codes": LongWrongErrors,
    "500 kB in every text": LongEverything,
    "2 MB seeds": LongSeeds,
    "Content-Length too long": TooShort,
    "Content-Length too short": TooLong,
    "Content-Length of 16 EB": Huge,
    "redirects": Redirects,
    "untrusted TLS": Untrusted,
    "commands in messages": CommandsInMessages,
    "commands in every text": CommandsEverywhere,
    "commands as names": CommandsAsNames,
    "commands as error codes": CommandsAsCodes,
    "control characters": Controls,
    "raw control characters": RawControls,
    "credentials echoed": Echo,
    "credentials echoed as HTML": EchoUnreadable,
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands requests on, and writes replies as the server's kind has it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    form = ""

    def setup(self):
        super().setup()
        self.upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)

    def finish(self):
        self.upstream.close()

    def do_POST(self):
        kind, length = self.server.kind, int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        self.form = self.path.partition("?")[2] if self.command == "GET" else sent.decode("latin-1")
        action = urllib.parse.parse_qs(self.form).get("Action", [""])[0]
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "content-length")}
        try:
            self.upstream.request(self.command, self.path, body=sent or None, headers=headers)
            reply = self.upstream.getresponse()
            body = reply.read()
            kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in ("content-length", "connection")]
            is_changed = not kind.only or action in kind.only
            if is_changed:
                body, kept = kind.body(self, body), kind.headers(kept)
            lines = [f"HTTP/1.1 {reply.status} {reply.reason}"] + [f"{name}: {value}" for name, value in kept]
            head = ("\r\n".join(lines) + f"\r\nContent-Length: {len(body)}\r\n\r\n").encode("latin-1")
            (kind if is_changed else Kind()).write(self, head, body)
        except (OSError, http.client.HTTPException):
            self.close_connection = True

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def serve(name, upstream, certificate, pipe):
    """Serves one kind in a process of its own, so that its memory is not counted."""
    server = Server(("127.0.0.1", 0), Handler)
    server.kind, server.upstream = KINDS[name](), upstream
    if server.kind.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    pipe.send(f"{server.kind.scheme}://127.0.0.1:{server.server_address[1]}")
    server.serve_forever()


def certificate(folder):
    """A self-signed certificate and its key."""
    file = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-keyout", folder / "key.pem", "-out", file], check=True, capture_output=True)
    file.write_text(file.read_text() + (folder / "key.pem").read_text())
    return file


def measured(command, folder, most_seconds):
    """The exit code, the seconds and the peak memory in MB of a command, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
    environment.update(AWS_ACCESS_KEY_ID="AKIAHOSTILE", AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN)
    begun = time.monotonic()
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment)
        killer = threading.Timer(most_seconds, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        killer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.monotonic() - begun, usage.ru_maxrss / 1024


def problems_of(text, where):
    """What must not stand in a text."""
    found = []
    if where in ("out", "err"):
        found += [f"{where}: forbidden line: {line[:120]!r}" for line in text.split("\n") if FORBIDDEN_LINE.search(line)]
    found += [f"{where}: {text[max(0, m.start() - 30):m.end() + 30]!r}" for m in FORBIDDEN_CHARACTER.finditer(text)]
    # JSON may write a slash in two ways.
    for name, hidden in (("secret key", SECRET), ("session token", TOKEN)):
        forms = {hidden, urllib.parse.quote(hidden, safe=""), hidden.replace("/", "\\/")}
        found += [f"{where}: the {name} stands in it" for form in forms if form in text]
    if "panicked at" in text:
        found.append(f"{where}: a panic")
    return found[:3]


def judge(program, name, arguments, folder):
    """Runs the program against one kind of server: its figures, and what is wrong with them."""
    # The service doesn't look at signatures, as the proxy changes what was signed for.
    service = subprocess.Popen([program, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    upstream = service.stdout.readline().strip().removeprefix("http://")
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(name, upstream, arguments.certificate, there), daemon=True)
    server.start()
    files = {form: folder / f"report.{form}" for form in ("json", "html", "junit", "markdown")}
    for file in files.values():
        file.unlink(missing_ok=True)
    try:
        command = [program, "run", "--endpoint-url", here.recv(), *RUN, "--env-credentials", "--max-time", f"{arguments.time}s"]
        for form, file in files.items():
            command += ["--report", f"{form}={file}"]
        code, seconds, memory = measured(command, folder, arguments.time + 120)
    finally:
        server.terminate()
        service.send_signal(signal.SIGTERM)
        server.join()
        service.wait()
        service.stdout.close()
    texts = {"out": folder / "out", "err": folder / "err", **files}
    texts = {where: file.read_bytes().decode() for where, file in texts.items() if file.exists()}
    problems = [problem for where, text in texts.items() for problem in problems_of(text, where)]
    if code not in KINDS[name].codes:
        problems.append(f"exit code {code}, {KINDS[name].codes} are right: {texts['err'][-300:]!r}")
    if memory > arguments.most_memory:
        problems.append(f"{memory:.0f} MB, at most {arguments.most_memory} are right")
    if KINDS[name].says not in texts["out"] + texts["err"]:
        problems.append(f"no text says {KINDS[name].says!r}: {(texts['out'] + texts['err'])[:300]!r}")
    return code, seconds, memory, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", default="", help="the kinds with this in their name")
    parser.add_argument("--most-memory", metavar="MB", type=int, default=200)
    parser.add_argument("--time", metavar="SECONDS", type=int, default=5, help="after which a run begins no scenario")
    parser.add_argument("program")
    arguments = parser.parse_args()
    kinds = [name for name in KINDS if arguments.only in name]
    wrong, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        arguments.certificate = certificate(folder)
        for name in kinds:
            code, seconds, memory, problems = judge(arguments.program, name, arguments, folder)
            wrong += bool(problems)
            print(f"{'WRONG' if problems else 'right':<6} {name:<28} exit {code:<4} {seconds:6.1f} s {memory:7.0f} MB", flush=True)
            for problem in problems:
                print(f"       {problem}")
    print(f"{len(kinds) - wrong} of {len(kinds)} kinds of hostile server are right, in {time.monotonic() - begun:.0f} s")
    sys.exit(1 if wrong or not kinds else 0)


if __name__ == "__main__":
    main()
