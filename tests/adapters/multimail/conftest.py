from datetime import UTC, datetime

import pytest

from adapters.http import Outbound
from adapters.multimail.pace import Pace
from adapters.multimail.sending import MultiMail
from adapters.multimail.wire import Dialect
from tests.fakes.multimail import FakeMultiMail

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def fake():
    with FakeMultiMail(starts_at=NOON) as running:
        yield running


@pytest.fixture
def make(fake):
    """A postman in front of the fake; changes go to its constructor, `read_s` to its client."""
    made = []

    def start(read_s=5, base="", **changes):
        base = base or fake.url
        more = {
            "key": fake.key,
            "mailbox": fake.mailbox_id,
            "dialect": Dialect.MAILBOX,
            "pace": Pace(gap_s=0),
            "now": fake.now,
        }
        made.append(MultiMail(Outbound(base, read_s=read_s), base=base, **{**more, **changes}))
        return made[-1]

    yield start
    for postman in made:
        postman.close()


@pytest.fixture
def postman(make):
    return make()
