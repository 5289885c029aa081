"""EXAMPLES: programs that tell of a new order as they stand. The command, the page and `docs/custom-webhooks.md` show these texts.

Each asks for nothing but its interpreter (bash with curl, openssl and od; Python 3 with its standard library).
"""

import json
import re
import shlex
from collections.abc import Callable, Sequence
from decimal import Decimal
from importlib import resources

from adapters.custom import door
from lifecycle.errors import BadSetting
from lifecycle.ports import Example
from lifecycle.stores import Store

_NOBODY = "ann@example.com"

_BASH = r"""#!/usr/bin/env bash
# Tells of a new order. 200 means that it was taken.
URL=@URL@
SECRET=@SECRET@
EMAIL=@EMAIL@  # who gets the letter: put your own address here

AT="$(date -u +%Y-%m-%dT%H:%M:%SZ)"
NUMBER="T-$(date +%s)"
BODY="$(cat <<JSON
{
  "type": "order.placed",
  "occurred_at": "$AT",
  "data": {
    "id": "$NUMBER",
    "number": "#$NUMBER",
    "placed_at": "$AT",
    "payment": "paid",
    "customer": {"email": "$EMAIL", "first_name": "Ann"},
    "currency": "@CURRENCY@",
    "lines": [
      {"id": "1", "title": "Coffee mug", "quantity": 2, "unit_price": "@PRICE@", "total": "@TOTAL@"}
    ],
    "subtotal": "@TOTAL@",
    "total": "@TOTAL@"
  }
}
JSON
)"

# Sign «id.timestamp.body» with the bytes behind whsec_, and send exactly the body that was signed.
ID="msg_$(openssl rand -hex 16)"
NOW="$(date +%s)"
KEY="$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')"
SIGNATURE="$(printf '%s.%s.%s' "$ID" "$NOW" "$BODY" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)"

curl --silent --show-error --write-out '%{http_code}\n' "$URL" --data-binary "$BODY" \
  -H "content-type: application/json" \
  -H "webhook-id: $ID" -H "webhook-timestamp: $NOW" -H "webhook-signature: v1,$SIGNATURE"
"""

_PYTHON = r'''"""Tells of a new order. 200 means that it was taken."""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid

URL = @URL@
SECRET = @SECRET@
EMAIL = @EMAIL@  # who gets the letter: put your own address here


def signed(secret, event):
    """The body to send and its headers."""
    body = json.dumps(event).encode()
    message_id, now = "msg_" + uuid.uuid4().hex, str(int(time.time()))
    key = base64.b64decode(secret[len("whsec_") :] if secret.startswith("whsec_") else secret)
    digest = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def send(url, secret, event):
    """The status that was answered."""
    body, headers = signed(secret, event)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=15) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def new_order():
    """An order that was placed just now."""
    at, number = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), f"P-{int(time.time())}"
    return {
        "type": "order.placed",
        "occurred_at": at,
        "data": {
            "id": number,
            "number": "#" + number,
            "placed_at": at,
            "payment": "paid",
            "customer": {"email": EMAIL, "first_name": "Ann"},
            "currency": "@CURRENCY@",
            "lines": [
                {"id": "1", "title": "Coffee mug", "quantity": 2, "unit_price": "@PRICE@", "total": "@TOTAL@"},
            ],
            "subtotal": "@TOTAL@",
            "total": "@TOTAL@",
        },
    }


if __name__ == "__main__":
    print(send(URL, SECRET, new_order()))
'''


def _python_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# Language, title, text, and how a value is written in it.
_ROWS: tuple[tuple[str, str, str, Callable[[str], str]], ...] = (
    ("bash", "curl and openssl", _BASH, shlex.quote),
    ("python3", "Python, standard library only", _PYTHON, _python_text),
)

# An order of one yen and one of a thousandth of a dinar are both odd; a whole price is right in every currency.
_PRICE, _QUANTITY = Decimal(12), 2


def examples(store: Store, url: str) -> Sequence[Example]:
    """Every example, ready for this store. The letter goes to its team's address when there is one.

    Raises BadSetting when the store's newest secret is none that signs.
    """
    secret = store.secrets[0] if store.secrets else ""
    check_secret(secret)
    values = {"URL": url, "SECRET": secret, "EMAIL": store.settings.team_address or _NOBODY}
    plain = {"CURRENCY": store.currency, "PRICE": str(_PRICE), "TOTAL": str(_PRICE * _QUANTITY)}
    return [
        Example(language, title, _filled(text, {name: quoted(value) for name, value in values.items()} | plain))
        for language, title, text, quoted in _ROWS
    ]


def check_secret(secret: str) -> None:
    """Raises BadSetting when nothing could ever be verified with this secret."""
    if not door.key_of(secret):
        raise BadSetting(
            "bad_secret",
            "The secret of a custom shop must be whsec_ and the base64 of 24 to 64 random bytes. Leave --secret away and one is made.",
        )


def schema() -> str:
    """The JSON Schema of a body."""
    return (resources.files("adapters.custom") / "schema.json").read_text("utf-8")


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"@([A-Z]+)@", lambda place: values[place[1]], text)
