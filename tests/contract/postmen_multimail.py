"""MultiMail in the postmen's contract: the real postman in front of the fake service."""

import contextlib

from adapters.http import Outbound
from adapters.multimail.pace import Pace
from adapters.multimail.sending import MultiMail
from tests.contract.posted import Posted
from tests.fakes.multimail import FakeMultiMail

_OPEN = contextlib.ExitStack()


def open(_tmp):  # noqa: A001 - the contract's word
    fake = _OPEN.enter_context(FakeMultiMail())
    outbound = Outbound(fake.url, read_s=5)
    postman = MultiMail(outbound, base=fake.url, key=fake.key, mailbox=fake.mailbox_id, pace=Pace(gap_s=0), now=fake.now)
    _OPEN.callback(postman.close)
    return postman, lambda: arrived(fake)


def close():
    """Ends everything that `open` started."""
    _OPEN.close()


def arrived(fake):
    """What left the service. It makes the headers and the HTML itself, so there is only the Markdown to look at."""
    fake.scan()
    return [Posted(mail.to[0], mail.subject, mail.markdown, (*mail.to, *mail.cc, *mail.bcc)) for mail in fake.sent()]
