"""A custom shop's deliveries for the platform contract: every file of `tests/fixtures/custom`, signed here."""

import base64
import json
from pathlib import Path

from adapters.signing import digest
from lifecycle.ports import RawRequest
from tests.contract.samples import NOW, Sample

FOLDER = Path(__file__).parents[1] / "fixtures" / "custom"
SECRETS = (b"a key of the custom shop, 32 by.", b"the key before that one, 32 byt.")


def signed(body, key=SECRETS[0], webhook_id="msg_contract", now=NOW, topic="", token="token-of-the-path"):
    """The request as a shop sends it."""
    timestamp = str(int(now.timestamp()))
    signature = base64.b64encode(digest(key, f"{webhook_id}.{timestamp}.".encode() + body)).decode()
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
    return RawRequest(headers | ({"webhook-topic": topic} if topic else {}), body, token)


def samples():
    """Each fixture without a topic header, and the first of each type with one."""
    found, seen = [], set()
    for file in sorted(FOLDER.glob("*.json")):
        body = file.read_bytes()
        kind = json.loads(body)["type"]
        topics = ("event",) if kind in seen else ("event", kind)
        seen.add(kind)
        for topic in topics:
            raw = signed(body, webhook_id=f"msg_{len(found)}", topic="" if topic == "event" else topic)
            found.append(Sample("custom", f"{file.stem}:{topic}", topic, raw, SECRETS, "webhook-signature"))
    return found
