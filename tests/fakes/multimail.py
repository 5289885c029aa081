"""A MultiMail of our own: a real HTTP server on loopback that behaves as the vendor's documents say (read on 2026-11-20).

    with FakeMultiMail() as multimail:
        ... call multimail.url with multimail.key ...
        multimail.scan()
        assert multimail.sent()[0].subject == "…"

Where documents are silent or disagree there is a switch in `multimail.switches`. The control plane is Python, so nothing
that the program under test can call exists here and not at MultiMail.
"""

import contextlib
import json
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes import multimail_mails as mails
from tests.fakes import multimail_webhooks as webhooks
from tests.fakes.multimail_routes import ROUTES
from tests.fakes.multimail_world import ADMIN_KEY, MAILBOX_ID, REVIEWER_KEY, RUNTIME_KEY, Mail, Refuse, Switches, World


@dataclass
class Trouble:
    """One answer gone wrong, for the next request whose path ends in `path`.

    `acts`: the request takes effect first. `silent_s`: then nothing is said for so long. `hangs_up`: then the line is cut.
    """

    status: int = 500
    body: object = field(default_factory=lambda: {"error": "Internal error"})
    headers: dict = field(default_factory=dict)
    path: str = ""
    acts: bool = False
    silent_s: float = 0
    hangs_up: bool = False


@dataclass
class Ask:
    """One request as it came."""

    method: str
    path: str
    query: dict
    headers: dict
    body: dict


class FakeMultiMail:
    """The service and its control plane. `key` has read and send, `admin_key` read and admin, `reviewer_key` oversight."""

    key, admin_key, reviewer_key, mailbox_id = RUNTIME_KEY, ADMIN_KEY, REVIEWER_KEY, MAILBOX_ID

    def __init__(self, *, starts_at=None, mode="monitored", **switches):
        self._starts_at, self._mode, self._switches = starts_at, mode, switches
        self._lock, self._lines = threading.RLock(), set()
        self.reset()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def switches(self):
        return self.world.switches

    # ---- control plane -----------------------------------------------------------------------------------------------

    def reset(self):
        self.world = World(starts_at=self._starts_at, switches=Switches(**self._switches))
        self.asks, self.troubles = [], []
        self.set_mode(self._mode)

    def now(self):
        return self.world.now()

    def advance(self, by=timedelta(0), **parts):
        """Move the clock and run what has come due."""
        with self._lock:
            self.world.offset += by + timedelta(**parts)
            mails.run_due(self.world)

    def set_mode(self, mode, mailbox_id=MAILBOX_ID):
        self.world.mailboxes[mailbox_id].oversight_mode = mode

    def next(self, trouble):
        """What goes wrong with the next request that it fits."""
        self.troubles.append(trouble)

    def scan(self):
        with self._lock:
            mails.scan(self.world)

    def decide(self, mail_id, action="approve"):
        """What the operator does on the hosted page."""
        with self._lock:
            return mails.decide(self.world, self.world.mails[mail_id], action)

    def deliver(self, mail_id):
        self.world.mails[mail_id].delivered_at = self.now()
        self.world.tell("message.delivered", self.world.mails[mail_id])

    def bounce(self, mail_id, kind="hard"):
        mail = self.world.mails[mail_id]
        mail.bounced_at, mail.bounce_type = self.now(), kind
        if kind == "hard":
            self.world.suppressed |= {to.lower(): "hard_bounce" for to in mail.to}
        self.world.tell("message.bounced", mail)

    def complain(self, mail_id):
        mail = self.world.mails[mail_id]
        self.world.suppressed |= {to.lower(): "complaint" for to in mail.to}
        self.world.tell("message.complained", mail)

    def receive(self, sender, subject, markdown, thread_id=""):
        """A customer's mail comes in."""
        box = self.world.mailboxes[MAILBOX_ID]
        status = "pending_inbound_approval" if box.oversight_mode == "gated_all" else "unread"
        number, thread = self.world.next_id("em_"), thread_id or self.world.next_id("th_")
        mail = Mail(
            number, box.id, "inbound", sender, [box.address], subject, markdown, status, thread, self.world.moment()
        )
        self.world.mails[mail.id] = mail
        self.world.tell("message.received", mail)
        return mail

    def suppress(self, address, reason="hard_bounce"):
        self.world.suppressed[address.lower()] = reason

    def send_webhooks(self, **unkind):
        """Knock at the subscribers: `twice`, `backwards`, `forged`."""
        webhooks.deliver(self.world, **unkind)

    def outbound(self):
        """Every mail that was taken from us, in order, whatever became of it."""
        return [mail for mail in self.world.mails.values() if mail.direction == "outbound"]

    def sent(self):
        """Every mail that left for its receiver, in order."""
        return [mail for mail in self.outbound() if mail.sent_at and not mail.bounced_at]

    # ---- answering ---------------------------------------------------------------------------------------------------

    def answer(self, ask):
        """Status, body and headers for one request; None: hang up."""
        trouble = self._trouble(ask)
        if trouble is None:
            return self._answer(ask)
        if trouble.acts:
            self._answer(ask)
        time.sleep(trouble.silent_s)
        return None if trouble.hangs_up or trouble.silent_s else (trouble.status, trouble.body, trouble.headers)

    def _trouble(self, ask):
        with self._lock:
            self.asks.append(ask)
            for trouble in self.troubles:
                if ask.path.endswith(trouble.path):
                    self.troubles.remove(trouble)
                    return trouble
        return None

    def _answer(self, ask):
        with self._lock:
            try:
                status, body = self._routed(ask)
            except Refuse as refused:
                return refused.status, refused.body, refused.headers
        return status, body, {}

    def _routed(self, ask):
        fits = [(row, found) for row in ROUTES if (found := re.fullmatch(row[1], ask.path))]
        if not fits:
            raise Refuse(404, "Not found")
        row, found = next(((row, found) for row, found in fits if row[0] == ask.method), (None, None))
        if row is None:
            raise Refuse(405, "Method not allowed")
        self._admit(ask, row[2])
        if ask.body is None:
            raise Refuse(400, "Body must be a JSON object")
        return row[3](self.world, ask, *map(unquote, found.groups()))

    def _admit(self, ask, scopes):
        if scopes is None:
            return
        key = ask.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self.world.keys:
            raise Refuse(
                401,
                "Invalid or missing API key",
                {"WWW-Authenticate": f'Bearer resource_metadata="{self.url}/.well-known/oauth"'},
            )
        held = set(self.world.keys[key]["scopes"])
        if not held & set(scopes.split()) and not (scopes == "read" and "admin" in held):
            raise Refuse(403, f"Missing scope: {scopes.split()[0]}")
        now, rate = self.now(), self.switches.rate_per_s
        self.world.asked_at = [at for at in self.world.asked_at if now - at < timedelta(seconds=1)]
        if rate is not None and len(self.world.asked_at) >= rate:
            after = self.switches.retry_after
            raise Refuse(429, "Rate limit exceeded", {"Retry-After": after} if after is not None else {})
        self.world.asked_at.append(now)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args):
        self.lines = set()
        super().__init__(*args)

    def get_request(self):
        line, peer = super().get_request()
        self.lines.add(line)
        return line, peer

    def hang_up(self):
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_):
        """A caller that hung up is what several tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        ask = Ask(self.command, parts.path, query, headers, body if isinstance(body, dict) else None)
        answer = self.server.fake.answer(ask)
        if answer is None:
            self.close_connection = True
            return
        self._say(*answer)

    def _say(self, status, body, headers):
        kind = "application/json"
        if isinstance(body, tuple):
            body, kind = body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 (http.server's names)

    def log_message(self, *_):
        """Quiet."""
