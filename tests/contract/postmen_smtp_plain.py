"""The SMTP postman against another server than ours: aiosmtpd, without cover and login."""

import socket
from contextlib import ExitStack

from aiosmtpd.controller import Controller

from adapters.smtp.posting import SmtpPostman
from adapters.smtp.relay import Cover, Relay, Waits
from tests.contract.posted import of_bytes

_OPEN = ExitStack()


class _Kept:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append((envelope.content, list(envelope.rcpt_tos)))
        return "250 2.0.0 Ok"


def open(_tmp):  # noqa: A001 - the contract's word
    kept = _Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    relay = Controller(kept, hostname="127.0.0.1", port=port)
    relay.start()
    postman = SmtpPostman(Relay("127.0.0.1", port, Cover.NONE), Waits(connect_s=5, command_s=5, answer_s=5))
    _OPEN.callback(relay.stop)
    _OPEN.callback(postman.close)
    return postman, lambda: [of_bytes(raw, recipients) for raw, recipients in kept.letters]


def close():
    """Ends everything that `open` started."""
    _OPEN.close()
