"""A relay, covered and with a login, in the postmen's contract."""

from contextlib import ExitStack

from adapters.smtp.posting import SmtpPostman
from adapters.smtp.relay import Cover, Relay, Waits
from tests.adapters.smtp.relay_double import RelayDouble, contexts
from tests.contract.posted import of_bytes

_OPEN = ExitStack()


def open(tmp):  # noqa: A001 - the contract's word
    server, client = contexts(tmp)
    relay = _OPEN.enter_context(RelayDouble(tls=server, login=("user", "pass")))
    postman = SmtpPostman(
        Relay("127.0.0.1", relay.port, Cover.STARTTLS, "user", "pass"), Waits(connect_s=5, command_s=5, answer_s=5), client
    )
    _OPEN.callback(postman.close)
    return postman, lambda: [
        of_bytes(taken.raw, [to.removeprefix("TO:<").removesuffix(">") for to in taken.recipients]) for taken in relay.taken
    ]


def close():
    """Ends everything that `open` started."""
    _OPEN.close()
