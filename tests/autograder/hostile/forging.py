"""For exploits that say `# with: forging`: stands before their text, in the student's file.

A worker is a process of the student's: whatever it looks up, calls and sends can be replaced.
"""

import json
import os
import struct
import sys

PROTOCOL = sys.modules["autograder.sandbox.protocol"]
WORKER = sys.modules["autograder.sandbox.worker"]
HONEST = WORKER.send

place = sys._getframe()
while type(place.f_locals.get("self")).__name__ != "Host":
    place = place.f_back
HOST = place.f_locals["self"]
OPERATIONS = HOST._operations  # what its loop looks up, so that a patch of the class would come too late


def frame(body, tensors=(), payload=b""):
    """The bytes of a message; `body` may be the whole header."""
    header = body if isinstance(body, bytes) else json.dumps({"body": body, "tensors": list(tensors)}).encode()
    return struct.pack("<8sIQ", b"AGRDFRM1", len(header), len(payload)) + header + payload


def returned(result):
    """The reply to a call."""
    return {"is": "returned", "call": 0, "result": result, "effects": []}


def write(data):
    """Send bytes to the grader."""
    while data:
        data = data[os.write(3, data) :]


def answer(data):
    """Send bytes in the place of what the worker is about to send."""
    write(data)
    WORKER.send = silent


def silent(line, message):
    WORKER.send = HONEST
