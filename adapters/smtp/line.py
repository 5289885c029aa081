"""One conversation with a relay: connect, cover, log in, hand over. Every way it can end is one of our errors."""

import select
import smtplib
import socket
import ssl
from contextlib import suppress
from typing import Any

from adapters.smtp.answers import Reply, Stage, error_of
from adapters.smtp.relay import Cover, Relay, Waits
from lifecycle.errors import PostmanBusy, PostmanClosed, PostmanUnsure

_LOST = (OSError, smtplib.SMTPException, ValueError)


class LineLost(Exception):
    """The connection ended, or made no sense any more, before the letter was under way: surely not sent."""


class Line:
    """An open, covered, logged-in connection. Any error but a plain refusal leaves it closed (`is_open`)."""

    def __init__(self, relay: Relay, waits: Waits, tls: ssl.SSLContext) -> None:
        """Raises PostmanBusy or PostmanClosed."""
        self._waits = waits
        self._smtp = _connected(relay, waits, tls)
        self.is_open = True
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.settimeout(waits.command_s)
            self._smtp.local_hostname = _own_name(self._socket)
            self._greet(relay, tls)
        except BaseException:
            self.close()
            raise

    def envelope(self, sender: str, recipient: str) -> None:
        """Announce sender and recipient. Raises LineLost, or what the relay's refusal means."""
        self._ask(Stage.SENDER, "MAIL", f"FROM:<{sender}>")
        self._ask(Stage.RECIPIENT, "RCPT", f"TO:<{recipient}>")

    def letter(self, raw: bytes) -> Reply:
        """Hand the announced letter over; the relay's yes. Raises LineLost, PostmanUnsure, or what its refusal means."""
        self._ask(Stage.LETTER, "DATA", "", want=354)
        stuffed = raw.replace(b"\r\n.", b"\r\n..")
        try:
            self._socket.settimeout(self._waits.block_s)
            # The dot leaves by a call of its own, so that a failure before it is known to be one. A letter ends in CRLF.
            self._smtp.send(b"." + stuffed if stuffed.startswith(b".") else stuffed)
            self._socket.settimeout(self._waits.answer_s)
            if _has_spoken(self._socket):
                raise ConnectionError  # hung up or complained before the dot: without it the letter is not whole
        except _LOST:
            self.close()
            raise LineLost from None
        return self._dot()

    def is_alive(self) -> bool:
        """Whether the relay still answers (NOOP)."""
        try:
            return self.is_open and self._command("NOOP").is_good
        except LineLost:
            return False

    def close(self, *, politely: bool = False) -> None:
        """Hang up; `politely` says QUIT first. Never raises."""
        self.is_open = False
        if politely:
            with suppress(*_LOST):
                self._socket.settimeout(min(self._waits.command_s, 5))
                self._smtp.quit()
        with suppress(*_LOST):
            self._smtp.close()

    @property
    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise ConnectionError
        return self._smtp.sock

    def _dot(self) -> Reply:
        try:
            self._smtp.send(b".\r\n")
            reply = self._reply(*self._smtp.getreply())
            self._socket.settimeout(self._waits.command_s)
        except _LOST:
            reply = Reply(-1, "")
        if 200 <= reply.code < 300:
            return reply
        if not 400 <= reply.code < 600:
            self.close()
            raise PostmanUnsure(
                "no_answer_after_dot", "The mail relay took the letter and gave no answer that can be read."
            )
        if reply.code == 421:
            self.close()
        raise error_of(Stage.LETTER, reply)

    def _ask(self, stage: Stage, verb: str, argument: str, want: int = 250) -> None:
        reply = self._command(verb, argument)
        if reply.code == want or (want == 250 and 250 <= reply.code < 260):
            return
        if 400 <= reply.code < 600 and reply.code != 421:
            self._reset()
            raise error_of(stage, reply)
        self.close()
        if reply.code == 421 and stage is not Stage.SENDER:
            raise error_of(stage, reply)
        raise LineLost(reply.text) from (error_of(stage, reply) if reply.code == 421 else None)

    def _reset(self) -> None:
        """Forget the announced letter. A relay that cannot even do that is left."""
        with suppress(LineLost):
            if self._command("RSET").is_good:
                return
        self.close()

    def _command(self, verb: str, argument: str = "") -> Reply:
        try:
            return self._reply(*self._smtp.docmd(verb, argument))
        except _LOST:
            self.close()
            raise LineLost from None

    @staticmethod
    def _reply(code: int, text: bytes) -> Reply:
        return Reply(code, text.decode("utf-8", "replace")[:2000])

    def _greet(self, relay: Relay, tls: ssl.SSLContext) -> None:
        try:
            self._hello()
            if relay.cover is Cover.STARTTLS:
                self._cover(tls)
            if relay.user:
                self._log_in(relay)
        except ssl.SSLError as error:
            raise _tls_error(error) from None
        except smtplib.SMTPResponseException as error:
            stage = Stage.LOGIN if isinstance(error, smtplib.SMTPAuthenticationError) else Stage.GREETING
            raise error_of(stage, self._reply(error.smtp_code, _bytes(error.smtp_error))) from None
        except _LOST:
            raise _unreachable() from None

    def _hello(self) -> None:
        reply = self._reply(*self._smtp.ehlo())
        if not reply.is_good:
            raise error_of(Stage.GREETING, reply)

    def _cover(self, tls: ssl.SSLContext) -> None:
        # Not offered may mean that somebody on the way took it out of the answer, so it is no reason to go on without.
        if not self._smtp.has_extn("starttls"):
            raise _no_starttls()
        try:
            self._smtp.starttls(context=tls)
        except smtplib.SMTPResponseException as error:
            if 400 <= error.smtp_code < 500:
                raise
            raise _no_starttls() from None
        self._hello()

    def _log_in(self, relay: Relay) -> None:
        """One try by one way: a second one after a wrong password would count twice against the account."""
        offered = str(self._smtp.esmtp_features.get("auth", "")).upper().split()
        ways: dict[str, Any] = {
            "PLAIN": self._smtp.auth_plain,
            "LOGIN": self._smtp.auth_login,
            "CRAM-MD5": self._smtp.auth_cram_md5,
        }
        way = next((name for name in ways if name in offered), None)
        if way is None:
            raise PostmanClosed("smtp_login", "SMTP_URL names a user, and the mail relay offers no login that we know.")
        self._smtp.user, self._smtp.password = relay.user, relay.password
        self._smtp.auth(way, ways[way])


def _connected(relay: Relay, waits: Waits, tls: ssl.SSLContext) -> smtplib.SMTP:
    # A host name is given at once because smtplib else asks the resolver for this machine's, which may take long.
    try:
        if relay.cover is Cover.TLS:
            return smtplib.SMTP_SSL(relay.host, relay.port, "localhost", timeout=waits.connect_s, context=tls)
        return smtplib.SMTP(relay.host, relay.port, "localhost", timeout=waits.connect_s)
    except ssl.SSLError as error:
        raise _tls_error(error) from None
    except smtplib.SMTPConnectError as error:
        raise error_of(
            Stage.GREETING, Reply(error.smtp_code, _bytes(error.smtp_error).decode("utf-8", "replace"))
        ) from None
    except _LOST:
        raise _unreachable() from None


def _bytes(text: bytes | str) -> bytes:
    return text.encode("utf-8", "replace") if isinstance(text, str) else text


def _own_name(line: socket.socket) -> str:
    """This end as an address literal (RFC 5321 4.1.3): true everywhere, and asks no resolver."""
    address = str(line.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _has_spoken(line: socket.socket) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _unreachable() -> PostmanBusy:
    return PostmanBusy("relay_unreachable", "The mail relay cannot be reached.")


def _no_starttls() -> PostmanClosed:
    return PostmanClosed(
        "no_starttls", "The mail relay offers no encryption (STARTTLS); only a private one may do without."
    )


def _tls_error(error: ssl.SSLError) -> PostmanBusy | PostmanClosed:
    if isinstance(error, ssl.SSLCertVerificationError):
        return PostmanClosed("relay_certificate", "The mail relay's certificate is not valid for its name.")
    return PostmanBusy("relay_tls", "The encrypted connection to the mail relay could not be set up.")
