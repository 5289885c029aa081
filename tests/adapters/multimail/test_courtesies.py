"""Tags and contacts after an accepted letter: right when all is well, and never in the letter's way."""

import time

import pytest

from adapters.multimail.courtesies import WITHIN_S
from adapters.multimail.pace import Pace
from tests.adapters.postings import PLAIN, TO, posting
from tests.fakes.multimail import Trouble


def tags(fake):
    return fake.outbound()[-1].tags


def contacts(fake):
    return [(row["email"], row["name"]) for row in fake.world.contacts.values()]


def test_mail_is_tagged_with_its_kind_and_order(fake, postman):
    postman.post(PLAIN)

    assert tags(fake) == {"kind": "order-confirmation", "order": "#1001"}


@pytest.mark.parametrize("merges", [True, False])
def test_tags_that_the_mail_has_already_are_kept_whether_put_merges_or_replaces(fake, postman, merges):
    fake.switches.tags_merge = merges
    postman.post(PLAIN)
    tags(fake).update({"team": "night", "order": "old"})

    postman.post(PLAIN)

    assert tags(fake) == {"team": "night", "order": "#1001", "kind": "order-confirmation"}


def test_tags_that_could_not_be_read_are_not_overwritten(fake, postman):
    postman.post(PLAIN)
    tags(fake).update({"team": "night"})
    fake.next(Trouble(500, path="/tags"))

    postman.post(PLAIN)

    assert tags(fake)["team"] == "night"
    assert [ask.method for ask in fake.asks if ask.path.endswith("/tags")] == ["GET", "PUT", "GET"]


def test_tags_stay_within_what_a_service_is_likely_to_take(fake, postman):
    postman.post(posting(tags={f"{number:0100d}": "v" * 999 for number in range(30)}))

    assert len(tags(fake)) <= 10
    assert all(len(key) <= 64 and len(value) <= 256 for key, value in tags(fake).items())


def test_customer_becomes_a_contact_once(fake, postman):
    for number in range(3):
        postman.post(posting(key=f"k{number}", to=TO.upper() if number else TO))

    assert contacts(fake) == [(TO, "Ann")]


def test_contact_with_a_longer_address_is_another_person(fake, postman):
    postman.post(posting(to=f"jo{TO}"))

    postman.post(posting(key="k2"))

    assert len(contacts(fake)) == 2


def test_letter_that_names_no_customer_makes_no_contact(fake, postman):
    postman.post(posting(customer_name=""))

    assert contacts(fake) == []
    assert not [ask for ask in fake.asks if "contacts" in ask.path]


def test_contacts_can_be_refused_letter_by_letter(fake, make):
    postman = make(wants_contact=lambda letter: letter.store_id == "s2")

    postman.post(PLAIN)
    postman.post(posting(key="k2", store_id="s2", customer_name=""))

    assert contacts(fake) == [(TO, TO.partition("@")[0])]


def test_contact_that_exists_after_all_is_no_trouble(fake, postman):
    fake.switches.contact_twice_is_409 = True
    postman.post(PLAIN)
    fake.next(Trouble(200, {"contacts": []}, path="/contacts"))

    assert postman.post(posting(key="k2")).reference


TROUBLES = [
    Trouble(400),
    Trouble(401),
    Trouble(403),
    Trouble(404),
    Trouble(409),
    Trouble(429),
    Trouble(500),
    Trouble(200, b"["),
    Trouble(hangs_up=True),
]


@pytest.mark.parametrize("path", ["/tags", "/contacts"])
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: f"{trouble.status}{trouble.hangs_up}")
def test_trouble_with_a_courtesy_never_fails_the_letter(fake, postman, trouble, path):
    for _ in range(2):
        fake.next(Trouble(trouble.status, trouble.body, path=path, hangs_up=trouble.hangs_up))

    receipt = postman.post(PLAIN)

    assert receipt.reference == fake.outbound()[0].id


def test_silent_courtesy_ends_with_its_time(fake, make):
    postman = make(read_s=60)
    fake.next(Trouble(path="/tags", silent_s=WITHIN_S + 3))
    began = time.monotonic()

    assert postman.post(PLAIN).reference
    assert WITHIN_S * 0.8 < time.monotonic() - began < WITHIN_S + 1.5


def test_refused_letter_is_followed_by_no_courtesy(fake, postman):
    fake.next(Trouble(400))

    with pytest.raises(Exception, match="refused"):
        postman.post(PLAIN)

    assert len(fake.asks) == 1


class Clockwork:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.at, self.turns = 100.0, []

    def pace(self, gap_s=0.5):
        return Pace(gap_s, lambda: self.at, self.sleep)

    def sleep(self, seconds):
        self.at += seconds


def test_never_more_than_two_requests_in_a_second():
    clock = Clockwork()
    pace = clock.pace()

    for _ in range(20):
        pace.take()
        clock.turns.append(clock.at)

    assert all(later - earlier >= 1 for earlier, later in zip(clock.turns, clock.turns[2:], strict=False))
    assert clock.turns[-1] - clock.turns[0] == pytest.approx(9.5)


def test_turn_that_comes_too_late_is_not_taken():
    clock = Clockwork()
    pace = clock.pace(gap_s=5)
    pace.take()

    assert not pace.take(until=clock.at + 1)
    assert clock.at == 100.0
    assert pace.take(until=clock.at + 5)


def test_postman_keeps_the_pace_over_all_its_requests(fake, make):
    clock = Clockwork()
    postman = make(pace=clock.pace())

    for number in range(3):
        postman.post(posting(key=f"k{number}", customer_name=""))

    assert len(fake.asks) == 9
    assert clock.at == pytest.approx(100 + 8 * 0.5)


def test_letters_pass_when_there_is_no_time_left_for_courtesies(fake, make):
    postman = make(pace=Clockwork().pace(gap_s=10))

    postman.post(PLAIN)

    assert len(fake.asks) == 1
    assert len(fake.outbound()) == 1
