"""The calls that scripts/check-sdks.py makes with each SDK, in one sequence."""

import base64
import hashlib
import hmac
import struct
import time

STEP = 30
"""Seconds for which one code stands (RFC 6238)."""

ROOT = {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "dummy"}

PASSING = ("Throttling", "ServiceUnavailable", "ServiceFailure", "InternalFailure", "ConcurrentModification")
"""After one of these the call is made again."""

ATTEMPTS = 4


class Codes:
    """The codes of a device, from the seed as a client read it."""

    def __init__(self, seed):
        try:
            self.key = base64.b32decode(base64.b64decode(seed))
        except (TypeError, ValueError):
            self.key = None

    def code(self, offset):
        """The code of the step that is so many after the current one (RFC 4226, section 5.3)."""
        if self.key is None:
            return "000000"
        step = int(time.time()) // STEP + offset
        digest = hmac.new(self.key, struct.pack(">Q", step), hashlib.sha1).digest()
        at = digest[-1] & 0x0F
        return f"{(struct.unpack_from('>I', digest, at)[0] & 0x7FFFFFFF) % 1_000_000:06}"

    def pair(self, offset=0):
        return {"AuthenticationCode1": self.code(offset - 1), "AuthenticationCode2": self.code(offset)}


class Walk:
    """One sequence of calls with one client, and all that the client reads."""

    def __init__(self, client):
        self.client, self.readings = client, []

    def call(self, operation, credentials=ROOT, /, **given):
        seen = []
        for attempt in range(ATTEMPTS):
            reading = self.client.make(operation, given, credentials)
            seen.append(reading)
            if "lost" not in reading and reading.get("error") not in PASSING:
                break
            time.sleep(0.4 * attempt)
        self.readings.append((operation, given, seen))
        return reading.get("members", {})

    def run(self):
        call = self.call
        call("ListUsers")
        self.users()
        devices = self.devices()
        self.enabling(*devices)
        self.access_keys(devices[0][0])
        self.ending(*devices)
        return self.readings

    def users(self):
        call = self.call
        call("CreateUser", UserName="anna", Path="/team/", Tags=[{"Key": "team", "Value": "a & b <c>"}])
        call("CreateUser", UserName="anna")
        call("CreateUser", UserName="n" * 65)
        call("CreateUser", UserName="carl", Path="team")
        call("CreateUser", UserName="bert")
        call("GetUser", UserName="anna")
        call("GetUser", UserName="nobody")
        call("GetUser")
        page = call("ListUsers", MaxItems=1)
        if page.get("Marker"):
            call("ListUsers", MaxItems=1, Marker=page["Marker"])
        call("ListUsers", Marker="no marker")
        call("ListUsers", MaxItems=0)
        call("ListUsers", PathPrefix="/team/")

    def devices(self):
        """Two devices: the serial number of each, and its codes."""
        call = self.call
        made = [
            call("CreateVirtualMFADevice", VirtualMFADeviceName="phone", Tags=[{"Key": "kind", "Value": "é"}]),
            call("CreateVirtualMFADevice", VirtualMFADeviceName="tablet", Path="/team/"),
        ]
        call("CreateVirtualMFADevice", VirtualMFADeviceName="phone")
        call("CreateVirtualMFADevice", VirtualMFADeviceName="watch", Path="/a b/")
        call("ListVirtualMFADevices")
        call("ListVirtualMFADevices", AssignmentStatus="Unassigned")
        call("ListMFADevices", UserName="anna")
        call("ListMFADevices", UserName="nobody")
        devices = [device.get("VirtualMFADevice", {}) for device in made]
        absent = "arn:aws:iam::123456789012:mfa/absent"
        return [(device.get("SerialNumber", absent), Codes(device.get("Base32StringSeed"))) for device in devices]

    def enabling(self, phone, tablet):
        call = self.call
        serial, codes = phone
        wrong = {"AuthenticationCode1": codes.code(-4000), "AuthenticationCode2": codes.code(-4000)}
        call("EnableMFADevice", UserName="anna", SerialNumber=serial, **wrong)
        call("EnableMFADevice", UserName="anna", SerialNumber=serial, AuthenticationCode1="1", AuthenticationCode2="x")
        call("EnableMFADevice", UserName="nobody", SerialNumber=serial, **codes.pair())
        call("EnableMFADevice", UserName="anna", SerialNumber=f"{serial}-absent", **codes.pair())
        call("EnableMFADevice", UserName="anna", SerialNumber=serial, **codes.pair())
        call("EnableMFADevice", UserName="anna", SerialNumber=serial, **codes.pair())
        call("EnableMFADevice", UserName="bert", SerialNumber=tablet[0], **tablet[1].pair())
        call("ListMFADevices", UserName="anna")
        call("ListVirtualMFADevices", AssignmentStatus="Assigned")
        call("ResyncMFADevice", UserName="anna", SerialNumber=serial, **wrong)
        call("ResyncMFADevice", UserName="anna", SerialNumber=serial, **codes.pair(1))
        call("ResyncMFADevice", UserName="bert", SerialNumber=serial, **codes.pair())
        call("DeleteUser", UserName="anna")
        call("DeleteVirtualMFADevice", SerialNumber=serial)

    def access_keys(self, serial):
        call = self.call
        call("UpdateUser", UserName="anna", NewUserName="anne", NewPath="/other/")
        call("UpdateUser", UserName="anna", NewUserName="anne")
        call("GetUser", UserName="anne")
        call("ListMFADevices", UserName="anne")
        key = call("CreateAccessKey", UserName="anne").get("AccessKey", {})
        other = call("CreateAccessKey", UserName="anne").get("AccessKey", {})
        call("CreateAccessKey", UserName="anne")
        call("ListAccessKeys", UserName="anne")
        own = {"id": key.get("AccessKeyId", "AKIAABSENT"), "secret": key.get("SecretAccessKey", "dummy")}
        call("GetUser", own)
        call("DeactivateMFADevice", own, SerialNumber=f"{serial}-absent")
        call("DeleteAccessKey", UserName="anne", AccessKeyId=own["id"])
        call("DeleteAccessKey", UserName="anne", AccessKeyId=other.get("AccessKeyId", "AKIAABSENT"))
        call("DeleteAccessKey", UserName="anne", AccessKeyId="AKIAABSENTABSENTABSE")
        call("GetUser", own)
        call("ListRoles")

    def ending(self, phone, tablet):
        call = self.call
        serial = phone[0]
        call("DeactivateMFADevice", UserName="anne", SerialNumber=f"{serial}-absent")
        call("DeactivateMFADevice", UserName="nobody", SerialNumber=serial)
        call("DeactivateMFADevice", UserName="anne", SerialNumber=serial)
        call("DeactivateMFADevice", UserName="anne", SerialNumber=serial)
        call("DeactivateMFADevice", SerialNumber=serial)
        call("ListMFADevices", UserName="anne")
        call("DeactivateMFADevice", UserName="bert", SerialNumber=tablet[0])
        call("DeleteVirtualMFADevice", SerialNumber=serial)
        call("DeleteVirtualMFADevice", SerialNumber=serial)
        call("DeleteVirtualMFADevice", SerialNumber=tablet[0])
        call("DeleteUser", UserName="anne")
        call("DeleteUser", UserName="bert")
        call("GetUser", UserName="anne")
        call("ListUsers")
