"""The hostile requests of tests/fixtures/attack, made ready to be sent: placeholders, bodies, signatures, transports."""

import base64
import hashlib
import hmac
import html
import json
import re
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.running.orders import fields

FOLDER = Path(__file__).parents[1] / "fixtures" / "attack"
INDEX = json.loads((FOLDER / "index.json").read_text("utf-8"))
ALWAYS = INDEX["global_expect"]

LEFT_OUT: dict[str, str] = {
    "EVB-002": "events of the mail service have no door yet",
    "EVB-004": "events of the mail service have no door yet",
    "EVB-006": "events of the mail service have no door yet",
    "EVB-008": "events of the mail service have no door yet",
}

_PLACE = re.compile(r"\{([a-z_]+)([+-]\d+)?\}")


@dataclass(frozen=True)
class Attack:
    """One case of the index; `expect` in the index's own words."""

    id: str
    kind: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    scheme: str
    variant: str
    transport: str
    times: int
    at_once: bool
    file: str
    expect: Mapping[str, Any] = field(hash=False)

    def __str__(self) -> str:
        return self.id

    @property
    def mails(self) -> Mapping[str, Any]:
        return self.expect.get("mails", {})


def _attack(case: Mapping[str, Any]) -> Attack:
    asked = case["request"]
    signed = asked.get("sign", {"scheme": "", "variant": "none"})
    return Attack(
        id=case["id"],
        kind=case["kind"],
        method=asked["method"],
        path=asked["path"],
        headers=tuple((name, value) for name, value in asked["headers"].items() if value is not None),
        scheme=signed["scheme"],
        variant=signed["variant"],
        transport=asked.get("transport", "normal"),
        times=asked.get("repeat", 1),
        at_once=asked.get("concurrency", 1) > 1,
        file=asked.get("body_file", case.get("file", "")),
        expect=case["expect"],
    )


def attacks() -> list[Attack]:
    """Every case of the index except those in LEFT_OUT, in the index's order: some build on the one before."""
    return [_attack(case) for case in INDEX["cases"] if case["id"] not in LEFT_OUT]


# ---- what is sent ----------------------------------------------------------------------------------------------------


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced. Raises KeyError for an unknown one."""
    now = int(time.time())

    def one(match: re.Match[str]) -> str:
        name, shift = match[1], int(match[2] or 0)
        made = {
            "uuid": lambda: str(uuid.uuid4()),
            "uuid_hex": lambda: uuid.uuid4().hex,
            "now": lambda: str(now + shift),
            "now_iso": lambda: datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return made[name]() if name in made else values[name]

    return _PLACE.sub(one, text)


def ordinary_order(number: int, shop: str) -> bytes:
    """An order as a shop sends it, just placed. Spaced, so that writing it anew gives other bytes."""
    status = {"order_status_url": f"https://{shop}/690933842/orders/{number:032x}/authenticate?key=abc"}
    return json.dumps(fields(number) | status, separators=(" , ", ": ")).encode()


def body_of(attack: Attack, number: int, values: Mapping[str, str]) -> bytes:
    if not attack.file:
        return ordinary_order(7_000_000 + number, values["shop_a"])
    raw = (FOLDER / attack.file).read_bytes()
    if attack.file.endswith(".gen.json"):
        made = json.loads(raw)["generator"]
        numbers = range(made["count"]) if "{n}" in made["repeat"] else ()
        repeated = "".join(made["repeat"].replace("{n}", str(n)) for n in numbers) or made["repeat"] * made["count"]
        return (made["prefix"] + repeated + made["suffix"]).encode()
    return raw.replace(b"{shop_a}", values["shop_a"].encode())


def _mac(secret: str | bytes, message: bytes) -> bytes:
    return hmac.new(secret.encode() if isinstance(secret, str) else secret, message, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _rewritten(body: bytes) -> bytes:
    again = json.dumps(json.loads(body)).encode()
    assert again != body
    return again


def _shopify(variant: str, body: bytes, values: Mapping[str, str], _headers: Mapping[str, str]) -> list[tuple[str, str]]:
    name, secret = "X-Shopify-Hmac-Sha256", values["shopify_secret"]
    true, wrong = _text(_mac(secret, body)), _text(b"\x01" * 32)
    single: dict[str, Callable[[], str]] = {
        "valid": lambda: true,
        "empty": lambda: "",
        "wrong": lambda: wrong,
        "truncated": lambda: true[:-4],
        "of_other_body": lambda: _text(_mac(secret, body + b" ")),
        "other_app_secret": lambda: _text(_mac("shpss_of_another_app", body)),
        "inner_space": lambda: f"{true[:12]} {true[12:]}",
        "b64_junk_chars": lambda: f"{true[:12]}!{true[12:]}",
        "previous_secret_expired": lambda: _text(_mac("shpss_of_two_rotations_ago", body)),
        "signature_of_reserialized": lambda: _text(_mac(secret, _rewritten(body))),
    }
    several = {
        "none": [],
        "missing": [],
        "two_wrong_right": [(name, wrong), (name, true)],
        "two_right_wrong": [(name, true), (name, wrong)],
        "underscore_header": [(name.replace("-", "_"), true)],
    }
    return several[variant] if variant in several else [(name, single[variant]())]


def _woo(variant: str, body: bytes, values: Mapping[str, str], _headers: Mapping[str, str]) -> list[tuple[str, str]]:
    secret = values["woo_secret"]
    made: dict[str, Callable[[], bytes]] = {
        "valid": lambda: _mac(secret, body),
        "secret_html_escaped": lambda: _mac(html.escape(secret), body),
        "signature_of_json_tail": lambda: _mac(secret, body[body.index(b"{") :]),
    }
    return [] if variant == "missing" else [("X-WC-Webhook-Signature", _text(made[variant]()))]


def _standard(variant: str, body: bytes, values: Mapping[str, str], headers: Mapping[str, str]) -> list[tuple[str, str]]:
    secret = values["custom_secret"]
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    true = _text(_mac(base64.b64decode(secret.removeprefix("whsec_")), message))
    made = {
        "valid": f"v1,{true}",
        "v1_empty": "v1,",
        "no_prefix": true,
        "prefix_not_stripped": f"v1,{_text(_mac(secret, message))}",
    }
    return [("webhook-signature", made[variant])]


_SCHEMES = {"shopify": _shopify, "woo": _woo, "standard": _standard}


@dataclass(frozen=True)
class Answer:
    """What came back; status None when the line was closed without an answer."""

    status: int | None
    headers: str
    body: str
    took_ms: float


def request_of(attack: Attack, number: int, values: Mapping[str, str]) -> tuple[bytes, list[bytes]]:
    """The head and the pieces of the body, to be written to the line as they are."""
    body = body_of(attack, number, values)
    headers = [(name, filled(value, values)) for name, value in attack.headers]
    headers += _SCHEMES[attack.scheme](attack.variant, body, values, dict(headers))
    framing: dict[str, list[tuple[str, str]]] = {
        "chunked": [("Transfer-Encoding", "chunked")],
        "raw_cl_te": [("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")],
        "raw_two_cl": [("Content-Length", str(len(body))), ("Content-Length", str(len(body) + 1))],
        "raw_plus_cl": [("Content-Length", f"+{len(body)}")],
    }
    headers += framing.get(attack.transport, [("Content-Length", str(len(body)))])
    lines = [f"{attack.method} {filled(attack.path, values)} HTTP/1.1", f"Host: {values['host']}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    pieces = {
        "chunked": lambda: chunked(body),
        "raw_cl_te": lambda: [b"0\r\n\r\n", body],
        "raw_half_body": lambda: [body[: len(body) // 2]],
    }
    return "\r\n".join([*lines, "", ""]).encode("utf-8"), pieces.get(attack.transport, lambda: [body])()


def chunked(body: bytes, size: int = 60_000) -> list[bytes]:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]


def exchange(port: int, head: bytes, pieces: list[bytes], *, half: bool = False, timeout: float = 20) -> Answer:
    """Write the request to a line of its own, and read the answer to the end."""
    began = time.monotonic()
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        try:
            line.sendall(head)
            for piece in pieces:
                line.sendall(piece)
            if half:
                line.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # an early answer to a body that nobody wants to read
        try:
            while part := line.recv(65_536):
                got += part
        except (ConnectionResetError, TimeoutError):
            pass
    took = (time.monotonic() - began) * 1000
    if not got.startswith(b"HTTP/1.1 "):
        return Answer(None, "", "", took)
    top, _, rest = got.decode("utf-8", "replace").partition("\r\n\r\n")
    return Answer(int(top.split(" ", 2)[1]), top.lower(), rest, took)
