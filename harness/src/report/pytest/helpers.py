import base64
import concurrent.futures
import functools
import hashlib
import hmac
import http.client
import os
import re
import ssl
import struct
import threading
import time
import urllib.parse
import uuid
import xml.etree.ElementTree

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

ENDPOINT_URL = next(
    filter(None, map(os.environ.get, ["ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL"])), None
)
CA_FILE = os.environ.get("AWS_CA_BUNDLE")
OWN_KEY = ("test", "test")
NAMESPACE = "{https://iam.amazonaws.com/doc/2010-05-08/}"


@pytest.fixture(autouse=True)
def service():
    """The service at ENDPOINT_URL, else moto in this process."""
    if ENDPOINT_URL:
        yield
        return
    moto = pytest.importorskip("moto", reason="set ENDPOINT_URL, or install moto")
    with moto.mock_aws():
        yield


def client(key=OWN_KEY):
    """An IAM client that sends each call once, and leaves it to the service to validate parameters."""
    return boto3.client(
        "iam",
        endpoint_url=ENDPOINT_URL,
        region_name="us-east-1",
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


class Reply:
    """A reply as it came, also where boto3 can't read it."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        try:
            self.root = xml.etree.ElementTree.fromstring(body)
        except xml.etree.ElementTree.ParseError:
            self.root = xml.etree.ElementTree.Element("unreadable")

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"

    @property
    def root_name(self):
        return local(self.root)

    def texts(self, name):
        return [element.text or "" for element in self.root.iter() if local(element) == name]

    def text(self, name):
        return "".join(self.texts(name)[:1])

    @property
    def code(self):
        """The error's Code; None for a success."""
        return self.text("Code") if self.root_name == "ErrorResponse" else None

    def is_success(self):
        return self.status == 200 and self.root_name.endswith("Response") and self.code is None

    def is_of(self, operation):
        """Whether it is a reply of this operation: its response, or an error."""
        return self.root_name == operation + "Response" or (self.status >= 400 and self.code is not None)

    def key(self):
        return self.text("AccessKeyId"), self.text("SecretAccessKey")

    def seed(self):
        """The base32 seed of a new device. It comes as base64 of itself; some services send it as it is."""
        text = self.text("Base32StringSeed")
        try:
            decoded = base64.b64decode(text)
        except ValueError:
            return text.encode()
        return decoded if re.fullmatch(rb"[A-Za-z2-7]+=*", decoded) else text.encode()


def local(element):
    return element.tag.rpartition("}")[2]


def call(method, **parameters):
    """Calls a method of a client."""
    replies = []

    def keep(response_dict, **_):
        replies.append(Reply(response_dict["status_code"], response_dict["headers"], response_dict["body"]))

    events = method.__self__.meta.events
    events.register("before-parse.iam", keep)
    try:
        method(**parameters)
    except Exception:
        if not replies:
            raise
    finally:
        events.unregister("before-parse.iam", keep)
    return replies[-1]


def together(*calls):
    """Makes calls at the same time and returns their replies."""
    barrier = threading.Barrier(len(calls))

    def released(one):
        barrier.wait()
        return one()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(released, calls))


def signed(method, url, body, headers, key):
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    SigV4Auth(Credentials(*key), "iam", "us-east-1").add_auth(request)
    return request


def raw(parameters, method="POST", key=OWN_KEY, quote=None):
    """Sends what boto3 has no way to send."""
    quote = quote or percent
    form = "&".join(percent(name) + "=" + quote(value) for name, value in parameters)
    url = (ENDPOINT_URL or "https://iam.amazonaws.com").rstrip("/") + "/" + ("?" + form if method == "GET" else "")
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    request = signed(method, url, form if method == "POST" else None, headers, key)
    if ENDPOINT_URL:
        reply = URLLib3Session(verify=CA_FILE or True).send(request.prepare())
    else:
        # moto answers in place of AWS what the library requests sends.
        import requests

        reply = requests.request(method, url, data=request.body, headers=dict(request.headers.items()))
    return Reply(reply.status_code, reply.headers, reply.content)


def percent(text):
    return urllib.parse.quote(text, safe="")


def small(text):
    """Percent-encoded, in small letters."""
    return "".join(one if percent(one) == one else percent(one).lower() for one in text)


def everything(text):
    """Percent-encoded, each byte."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def send(method, target, body, content_type, headers, key=OWN_KEY):
    """Sends these very bytes, which no SDK would send."""
    if not ENDPOINT_URL:
        pytest.skip("these bytes need a service that listens: set ENDPOINT_URL")
    own = {} if content_type is None else {"Content-Type": content_type}
    request = signed(method, ENDPOINT_URL.rstrip("/") + target, body, own, key)
    where = urllib.parse.urlsplit(ENDPOINT_URL)
    if where.scheme == "https":
        context = ssl.create_default_context(cafile=CA_FILE)
        connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    connection.putrequest(method, where.path.rstrip("/") + target, skip_accept_encoding=True)
    for name, value in [*request.headers.items(), *headers]:
        connection.putheader(name, value)
    if method == "POST":
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    reply = connection.getresponse()
    return Reply(reply.status, reply.headers, reply.read())


def prefix(letters, digits):
    """The beginning of names that no other test uses. `mfa-conformance cleanup` deletes what has them."""
    return letters + uuid.uuid4().hex[:digits]


def steady():
    """Waits for the next time step if this one is nearly over, so that codes don't expire on their way."""
    left = 30 - time.time() % 30
    if left < 3:
        time.sleep(left + 0.5)


def code(seed, step):
    """The code of a base32 seed (RFC 6238); step 0 is the current one."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    digest = hmac.new(base64.b32decode(seed + b"=" * (-len(seed) % 8), casefold=True), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"
