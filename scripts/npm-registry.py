#!/usr/bin/env python3
"""Serves the npm packages of a folder as a registry, and prints its URL.

usage: npm-registry.py FOLDER [REGISTRY]

It redirects whoever asks for another package to REGISTRY, if one is given.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import sys
import tarfile
import urllib.parse


def manifest(file):
    """The package.json in a package."""
    with tarfile.open(file) as opened:
        return json.load(opened.extractfile("package/package.json"))


class Registry(http.server.BaseHTTPRequestHandler):
    """Answers a name with the one version of that package, and a file with its content."""

    def do_GET(self):
        """Answer a request."""
        name = urllib.parse.unquote(self.path).lstrip("/")
        if name in self.server.packages:
            self.reply(200, json.dumps(self.document(name)).encode())
        elif name in self.server.files:
            self.reply(200, self.server.files[name].read_bytes())
        elif self.server.upstream:
            self.reply(302, b"", Location=self.server.upstream.rstrip("/") + self.path)
        else:
            self.reply(404, b"{}")

    def document(self, name):
        """What a registry tells about a package."""
        file, package = self.server.packages[name]
        digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
        tarball = f"http://127.0.0.1:{self.server.server_port}/{file.name}"
        version = {**package, "dist": {"tarball": tarball, "integrity": f"sha512-{digest}"}}
        return {"name": name, "dist-tags": {"latest": package["version"]}, "versions": {package["version"]: version}}

    def reply(self, status, body, **headers):
        """Send a reply."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Log nothing."""


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    files = {file.name: file for file in pathlib.Path(sys.argv[1]).glob("*.tgz")}
    manifests = [(file, manifest(file)) for file in files.values()]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        server.files = files
        server.upstream = sys.argv[2] if len(sys.argv) == 3 else None
        server.packages = {package["name"]: (file, package) for file, package in manifests}
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


main()
