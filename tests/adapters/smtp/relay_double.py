"""A relay that does as it is told: an SMTP server on loopback that can refuse, drop or hang at any step of a letter."""

import base64
import datetime as dt
import ipaddress
import queue
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP, RESET, HANG = "drop", "reset", "hang"
"""What may stand in the script beside an answer's text: close, close with RST, say nothing."""


@dataclass
class Taken:
    """One letter that got a 250 after its dot."""

    sender: str
    recipients: list[str]
    raw: bytes


@dataclass
class RelayDouble:
    """`script` maps a step (greeting, ehlo, starttls, auth, mail, rcpt, data, block, dot, noop) to what comes instead, once each.

    `seen` holds every command line of every connection; `taken` the letters. `dots` counts final dots that arrived; the answer to one comes after `thinks_s`.
    """

    tls: ssl.SSLContext | None = None
    offers_starttls: bool = True
    login: tuple[str, str] | None = None
    script: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    covered: int = 0
    dots: int = 0
    immediate_tls: bool = False
    thinks_s: float = 0
    accept_answer: str = "250 2.0.0 Ok: queued as 4XyZ12"

    def __enter__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._conversations: list[_Conversation] = []
        self._workers: queue.Queue[threading.Thread] = queue.Queue()
        self._closing = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *_):
        self._closing.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._listener.join(5)
        self.drop_all()
        while not self._workers.empty():
            self._workers.get().join(5)

    def drop_all(self):
        """Close every connection without a word."""
        for conversation in self._conversations:
            with suppress(OSError):
                conversation.line.shutdown(socket.SHUT_RDWR)

    def _listen(self):
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            conversation = _Conversation(self, line)
            self._conversations.append(conversation)
            worker = threading.Thread(target=self._serve, args=(conversation,), daemon=True)
            worker.start()
            self._workers.put(worker)

    def _serve(self, conversation):
        try:
            conversation.run()
        except (OSError, EOFError, ValueError):
            pass
        finally:
            conversation.end()


class _Conversation:
    def __init__(self, relay, line):
        self.relay, self.line = relay, line
        self.buffer = b""
        self.is_covered = False
        self.sender, self.recipients = "", []

    def end(self):
        with suppress(OSError):
            self.line.close()

    def say(self, text):
        self.line.sendall(text.encode() + b"\r\n")

    def instead(self, step, usual):
        """Answer as the script says, or as usual. True when the conversation goes on as usual."""
        told = self.relay.script.pop(step, None)
        if told in (DROP, RESET):
            if told == RESET:
                self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            raise EOFError
        if told == HANG:
            while not self.relay._closing.wait(0.05):
                pass
            raise EOFError
        self.say(told or usual)
        if told and told.startswith("421"):
            raise EOFError
        return told is None

    def read_line(self):
        while b"\r\n" not in self.buffer:
            data = self.line.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        found, self.buffer = self.buffer.split(b"\r\n", 1)
        return found

    def run(self):
        if self.relay.immediate_tls:
            self.cover()
        if not self.instead("greeting", "220 double ESMTP"):
            return
        while True:
            text = self.read_line().decode("utf-8", "replace")
            self.relay.seen.append(text)
            verb, _, argument = text.partition(" ")
            if verb.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"on_{verb.lower()}", self.on_unknown)(argument)

    def cover(self):
        self.line = self.relay.tls.wrap_socket(self.line, server_side=True)
        self.is_covered = True
        self.relay.covered += 1

    def on_unknown(self, _argument):
        self.say("502 5.5.1 unknown")

    def on_ehlo(self, _argument):
        offers = ["250-double", "250-SIZE 20000000"]
        if self.relay.offers_starttls and self.relay.tls and not self.is_covered:
            offers.append("250-STARTTLS")
        if self.relay.login:
            offers.append("250-AUTH PLAIN LOGIN")
        self.instead("ehlo", "\r\n".join([*offers, "250 ENHANCEDSTATUSCODES"]))

    def on_starttls(self, _argument):
        if self.instead("starttls", "220 go"):
            self.cover()

    def on_auth(self, argument):
        method, _, first = argument.partition(" ")
        if method == "PLAIN":
            given = tuple(base64.b64decode(first).decode().split("\0")[1:])
        else:
            self.say("334 UGFzc3dvcmQ6")
            given = (base64.b64decode(first).decode(), base64.b64decode(self.read_line()).decode())
        right = given == self.relay.login
        self.instead("auth", "235 2.7.0 ok" if right else "535 5.7.8 wrong credentials for " + given[0])

    def on_mail(self, argument):
        if self.sender:
            self.say("503 5.5.1 nested MAIL: say RSET first")
        elif self.instead("mail", "250 2.1.0 ok"):
            self.sender, self.recipients = argument, []

    def on_rcpt(self, argument):
        if self.instead("rcpt", "250 2.1.5 ok"):
            self.recipients.append(argument)

    def on_rset(self, _argument):
        self.sender, self.recipients = "", []
        self.say("250 2.0.0 ok")

    def on_noop(self, _argument):
        self.instead("noop", "250 ok")

    def on_data(self, _argument):
        if not self.instead("data", "354 go on"):
            return
        if "block" in self.relay.script:
            self.instead("block", "")
            return
        while not self.buffer.endswith(b"\r\n.\r\n"):
            data = self.line.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        raw, self.buffer = self.buffer[:-3].replace(b"\r\n..", b"\r\n."), b""
        self.relay.dots += 1
        time.sleep(self.relay.thinks_s)
        if "dot" not in self.relay.script:
            self.relay.taken.append(Taken(self.sender, self.recipients, raw))
        self.sender, self.recipients = "", []
        self.instead("dot", self.relay.accept_answer)


def certificate_of(host, address):
    """(private key, self-signed certificate) of a host name and an address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def contexts(folder, host="localhost", address="127.0.0.1"):
    """(server context, client context that trusts only it), with the files that `ssl` wants in `folder`."""
    key, certificate = certificate_of(host, address)
    path = folder / "relay.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    return server, client
