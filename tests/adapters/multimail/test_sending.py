"""The MultiMail postman against a faithful fake: what arrives, and what each answer of the service is taken for."""

import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.multimail.sending import SEND_S, MultiMail
from adapters.multimail.wire import Dialect
from lifecycle.errors import NoAnswer, PostmanBusy, PostmanClosed, PostmanError, PostmanRefused, PostmanUnsure
from tests.adapters.postings import PLAIN, TO, posting
from tests.fakes.multimail import Trouble
from tests.fakes.peer import Peer, reply

FOUR = (PostmanBusy, PostmanRefused, PostmanUnsure, PostmanClosed)


def fault(postman, kind, letter=PLAIN):
    with pytest.raises(PostmanError) as caught:
        postman.post(letter)
    assert type(caught.value) is kind, caught.value.reason
    return caught.value


def letters(fake):
    fake.scan()
    return fake.sent()


# ---- taken -----------------------------------------------------------------------------------------------------------


def test_letter_arrives_as_markdown_under_its_own_key(fake, postman):
    receipt = postman.post(PLAIN)

    (mail,) = letters(fake)
    assert (receipt.reference, receipt.held_outside) == (mail.id, False)
    assert (mail.to, mail.subject, mail.markdown, mail.key) == ([TO], PLAIN.letter.subject, PLAIN.letter.text, PLAIN.key)


def test_send_has_exactly_the_fields_that_the_service_knows(fake, postman):
    postman.post(PLAIN)

    ask = fake.asks[0]
    assert (ask.method, ask.path) == ("POST", f"/v1/mailboxes/{fake.mailbox_id}/send")
    assert ask.headers["authorization"] == f"Bearer {fake.key}"
    assert set(ask.body) == {"to", "subject", "markdown", "idempotency_key"}


def test_same_key_again_gives_the_same_mail_and_sends_nothing(fake, postman):
    first = postman.post(PLAIN)
    fake.advance(hours=20)

    second = postman.post(PLAIN)

    assert second.reference == first.reference
    assert len(letters(fake)) == 1
    assert postman.remembers == timedelta(hours=20)


def test_letter_that_the_service_holds_at_once_is_held_outside(fake, postman):
    fake.switches.first_status = "pending_send_approval"

    assert postman.post(PLAIN).held_outside


@pytest.mark.parametrize("status", ["queued", "accepted_for_review", "", "SENT", "read", "delivered"])
def test_status_that_nobody_documented_counts_as_taken(fake, postman, status):
    fake.switches.first_status = status

    receipt = postman.post(PLAIN)

    assert (receipt.reference, receipt.held_outside) == (fake.outbound()[0].id, False)


@pytest.mark.parametrize("status", ["rejected", "send_failed", "spam_quarantined"])
def test_status_that_says_it_will_not_leave_is_a_refusal(fake, postman, status):
    fake.switches.first_status = status

    assert fault(postman, PostmanRefused).reason == "rejected_by_multimail"


@pytest.mark.parametrize(
    "body", [b"", b"<html>Welcome</html>", b"[]", b'{"id": ""}', b'{"id": "a b"}', b'{"id": null}', b'{"id": {}}']
)
@pytest.mark.parametrize("status", [200, 202])
def test_success_without_the_id_of_a_mail_is_perhaps_sent(fake, postman, status, body):
    fake.next(Trouble(status, body))

    assert fault(postman, PostmanUnsure).reason == "odd_answer"


# ---- perhaps taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble", [Trouble(acts=True, silent_s=0.6), Trouble(acts=True, hangs_up=True), Trouble(502, acts=True)]
)
def test_lost_answer_is_perhaps_sent_and_the_next_try_finds_the_one_mail(fake, make, trouble):
    postman = make(read_s=0.2)
    fake.next(trouble)

    fault(postman, PostmanUnsure)
    receipt = postman.post(PLAIN)

    (mail,) = letters(fake)
    assert (receipt.reference, receipt.detail) == (mail.id, "already_sent")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, 408])
def test_fault_of_the_service_is_perhaps_sent(fake, postman, status):
    fake.next(Trouble(status, b"<html>Bad gateway</html>"))

    fault(postman, PostmanUnsure)


def test_content_guard_is_answered_by_the_mail_that_it_protects(fake, postman):
    fake.switches.guard_on_send = True
    first = postman.post(PLAIN)

    second = postman.post(posting(key="another key, same words"))

    assert (second.reference, second.detail) == (first.reference, "found_after_duplicate")
    assert len(letters(fake)) == 1


def test_content_guard_finds_a_mail_that_waits_there_for_a_person(fake, postman):
    fake.switches.guard_on_send = True
    fake.set_mode("gated_send")
    postman.post(PLAIN)
    fake.scan()

    assert postman.post(posting(key="k2")).held_outside


@pytest.mark.parametrize("spoil", ["other subject", "other receiver", "too old", "failed", "no list", "silent list"])
def test_content_guard_without_the_mail_is_perhaps_sent(fake, make, spoil):
    postman = make(read_s=0.2)
    earlier = {"other subject": {"subject": PLAIN.letter.subject + " again"}, "other receiver": {"to": "bob@elsewhere.net"}}
    postman.post(posting(key="k1", **earlier.get(spoil, {})))
    mail = fake.outbound()[0]
    if spoil == "too old":
        mail.received_at -= timedelta(hours=3)
    if spoil == "failed":
        mail.status = "send_failed"
    fake.next(Trouble(409, {"error": "Duplicate content"}, path="/send"))
    if spoil == "no list":
        fake.next(Trouble(403, {"error": "Missing scope: read"}, path="/emails"))
    if spoil == "silent list":
        fake.next(Trouble(silent_s=0.5, path="/emails"))

    assert fault(postman, PostmanUnsure).reason == "duplicate_guard"


@pytest.mark.parametrize(("age_min", "found"), [(1, True), (60, False)])
def test_content_guard_trusts_the_time_of_a_mail_and_not_the_services_filter(fake, postman, age_min, found):
    row = {"id": "em_old", "to": [TO], "subject": PLAIN.letter.subject, "status": "sent"}
    row["received_at"] = (fake.now() - timedelta(minutes=age_min)).isoformat()
    fake.next(Trouble(409, {"error": "Duplicate content"}, path="/send"))
    fake.next(Trouble(200, {"emails": [row]}, path="/emails"))

    if found:
        assert postman.post(PLAIN).reference == "em_old"
    else:
        fault(postman, PostmanUnsure)


# ---- surely not taken: wait ------------------------------------------------------------------------------------------


def test_rate_limit_waits_as_long_as_the_service_asks(fake, postman):
    fake.switches.rate_per_s, fake.switches.retry_after = 0, "30"

    busy = fault(postman, PostmanBusy)

    assert busy.reason == "rate_limited"
    assert 30 <= busy.retry_after_s <= 36
    assert fake.outbound() == []


def test_rate_limit_spreads_the_letters_that_come_back(fake, postman):
    fake.switches.rate_per_s, fake.switches.retry_after = 0, "600"

    waits = {fault(postman, PostmanBusy, posting(key=f"k{number}")).retry_after_s for number in range(8)}

    assert len(waits) > 4


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1e9", "Fri, 99 Nov"])
def test_rate_limit_without_a_time_leaves_the_waiting_to_the_desk(fake, postman, header):
    fake.switches.rate_per_s, fake.switches.retry_after = 0, header

    assert fault(postman, PostmanBusy).retry_after_s is None


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("Fri, 20 Nov 2026 12:01:00 GMT", 60, 73),
        ("999999999999", 86_400, 104_000),
        ("0", 1, 2),
        ("Fri, 20 Nov 2020 12:00:00 GMT", 1, 2),
    ],
)
def test_rate_limit_reads_seconds_and_dates_within_a_day(fake, postman, header, least, most):
    fake.switches.rate_per_s, fake.switches.retry_after = 0, header

    assert least <= fault(postman, PostmanBusy).retry_after_s <= most


def test_warm_up_waits_for_the_next_day_and_then_goes(fake, postman):
    fake.switches.warmup_limit = 1
    postman.post(posting(key="k1"))

    busy = fault(postman, PostmanBusy)
    fake.advance(seconds=busy.retry_after_s)
    postman.post(PLAIN)

    assert busy.reason == "warm_up"
    assert 12 * 3600 < busy.retry_after_s <= 12 * 3600 + 601
    assert len(letters(fake)) == 2


def test_used_up_quota_is_asked_again_once_a_day(fake, postman):
    fake.switches.quota = 0

    busy = fault(postman, PostmanBusy)

    assert (busy.reason, busy.retry_after_s) == ("quota", 24 * 3600)


def test_used_up_quota_on_the_last_day_ends_with_the_month(fake, make):
    fake.switches.quota = 0
    postman = make(now=lambda: datetime(2026, 12, 31, 23, 0, tzinfo=UTC))

    assert fault(postman, PostmanBusy).retry_after_s == 3601


def test_service_that_cannot_be_reached_is_surely_not_sent(make):
    with Peer(lambda _: None) as peer:
        url = peer.url

    assert fault(make(base=url), PostmanBusy).reason == "multimail_unreachable"


# ---- surely not taken: never, or not before somebody acts ------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"), [(400, "rejected_by_multimail"), (422, "rejected_by_multimail"), (413, "too_large")]
)
def test_refused_letter_is_refused_for_good(fake, postman, status, reason):
    fake.next(Trouble(status, {"error": f"Content filtered for {TO}"}))

    refused = fault(postman, PostmanRefused)

    assert refused.reason == reason
    assert TO not in str(refused)


def test_letter_that_the_service_finds_invalid_is_refused(fake, postman):
    assert fault(postman, PostmanRefused, posting(text="x" * 262_145)).reason == "rejected_by_multimail"
    assert fake.outbound() == []


def test_suppressed_receiver_is_refused_where_the_service_says_so_at_once(fake, postman):
    fake.switches.suppressed_is_400 = True
    fake.suppress(TO)

    fault(postman, PostmanRefused)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, {"error": "Invalid API key"}, "multimail_key"),
        (401, b"", "multimail_key"),
        (402, {"error": "Pay"}, "multimail_plan"),
        (403, {"error": "Missing scope: send"}, "multimail_key"),
        (403, b"<html>", "multimail_key"),
        (403, {"error": "Mailbox is read_only"}, "mailbox_read_only"),
        (403, {"error": "Forbidden", "hint": "Request an upgrade of the mailbox"}, "mailbox_read_only"),
        (403, {"error": "Account is deactivated"}, "multimail_account_closed"),
        (404, {"error": "Mailbox not found"}, "no_mailbox"),
        (301, b"", "multimail_url"),
        (405, {"error": "Method not allowed"}, "multimail_url"),
        (418, {"error": "?"}, "multimail_url"),
    ],
)
def test_refused_access_closes_the_door(fake, postman, status, body, reason):
    fake.next(Trouble(status, body))

    assert fault(postman, PostmanClosed).reason == reason


def test_real_refusals_of_the_service_close_the_door_with_their_reasons(fake, make):
    reasons = [fault(make(key=key), PostmanClosed).reason for key in ("mm_live_nobody", fake.admin_key, fake.reviewer_key)]
    reasons.append(fault(make(mailbox="01JMXKNOWHERE"), PostmanClosed).reason)
    fake.set_mode("read_only")
    reasons.append(fault(make(), PostmanClosed).reason)

    assert reasons == ["multimail_key", "multimail_key", "multimail_key", "no_mailbox", "mailbox_read_only"]


def test_service_at_a_private_address_is_never_called(make):
    closed = fault(make(base="https://10.1.2.3"), PostmanClosed)

    assert closed.reason == "multimail_url"


def test_mailbox_id_stays_one_part_of_the_path(fake, make):
    fault(make(mailbox="../../v1/send?x=/"), PostmanClosed)

    assert fake.asks[0].path == "/v1/mailboxes/..%2F..%2Fv1%2Fsend%3Fx%3D%2F/send"


# ---- whatever comes --------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["pending_scan", "already_sent", "quota"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["id", "status", "error", "hint", "warmup_stage", "emails", "tags", "contacts", "to", "received_at", "subject"]
objects = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)
said = st.one_of(
    st.binary(max_size=60),
    objects.map(lambda value: json.dumps(value).encode()),
    values.map(lambda v: json.dumps(v).encode()),
)
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Location", "Content-Encoding", "Set-Cookie"]),
    st.text("0129 azGMT:,/", max_size=12),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(
        st.tuples(st.sampled_from([200, 202, 204, 302, 400, 403, 404, 409, 429, 500]), said, headers),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_the_service_says_is_a_receipt_or_one_of_four_errors(fake, postman, answers):
    fake.troubles.clear()
    for status, body, extra in answers:
        fake.next(Trouble(status, b"" if status == 204 else body, extra))

    outcome = None
    try:
        shown = postman.post(PLAIN).reference
    except FOUR as caught:
        outcome, shown = caught, caught.reason

    assert shown
    assert TO not in str(outcome)
    assert fake.key not in str(outcome)


@pytest.mark.parametrize("trouble", [None, Trouble(400), Trouble(401), Trouble(429), Trouble(500), Trouble(hangs_up=True)])
def test_key_and_receiver_show_in_no_log_and_no_error(fake, postman, caplog, capsys, trouble):
    caplog.set_level(logging.DEBUG)
    shown = repr(postman) + repr(vars(postman)["_outbound"])
    if trouble:
        fake.next(trouble)

    try:
        shown += repr(postman.post(PLAIN))
    except PostmanError as caught:
        shown += f"{caught}{caught!r}{caught.__context__!r}{caught.__cause__!r}"

    shown += caplog.text + "".join(capsys.readouterr())
    assert fake.key not in shown
    assert TO not in shown


# ---- the simple dialect ----------------------------------------------------------------------------------------------


@pytest.fixture
def simple(fake, make):
    fake.switches.simple = True
    return make(dialect=Dialect.SIMPLE, mailbox="")


def test_simple_dialect_sends_both_bodies_to_one_receiver(fake, simple):
    receipt = simple.post(posting(from_address="orders@nordlicht-shop.de"))

    (mail,) = letters(fake)
    body = fake.asks[0].body
    assert (fake.asks[0].path, receipt.reference) == ("/v1/send", mail.id)
    assert (body["from"], body["to"], body["subject"]) == ("orders@nordlicht-shop.de", TO, PLAIN.letter.subject)
    assert (body["text_body"], body["html_body"]) == (PLAIN.letter.text, PLAIN.letter.html)
    assert set(body) == {"from", "to", "subject", "text_body", "html_body", "idempotency_key"}


def test_simple_dialect_promises_nothing_about_a_second_try(simple):
    assert simple.remembers is None


def test_simple_dialect_keeps_the_order_on_the_contact(fake, simple):
    simple.post(PLAIN)

    (contact,) = fake.world.contacts.values()
    assert (contact["email"], contact["name"]) == (TO, "Ann")
    assert contact["metadata"] == {
        "last_order_id": "#1001",
        "last_letter": "order_confirmation",
        "last_letter_at": "2026-11-20T14:30:00+00:00",
    }
    assert not [ask for ask in fake.asks if ask.path.endswith("/tags")]


def test_simple_dialect_at_a_service_without_it_closes_the_door(make):
    assert fault(make(dialect=Dialect.SIMPLE, mailbox=""), PostmanClosed).reason == "no_such_dialect"


def test_simple_dialect_has_no_list_to_look_a_duplicate_up_in(fake, simple):
    fake.next(Trouble(409, {"error": "Duplicate"}))

    assert fault(simple, PostmanUnsure).reason == "duplicate_guard"
    assert len(fake.asks) == 1


def test_simple_dialect_refuses_a_sender_that_is_no_address(fake, simple):
    assert fault(simple, PostmanClosed, posting(from_address="Shop <a@b>")).reason == "no_usable_sender"
    assert fake.asks == []


# ---- addresses, doctor -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["ann@example.com", "a@MAIL.Example.org", "a@shop.test", "a@x.invalid", "a@localhost"])
def test_reserved_address_is_refused_without_a_call(fake, postman, address):
    assert postman.refuses(address) == "reserved_domain"
    assert fault(postman, PostmanRefused, posting(to=address)).reason in ("reserved_domain", "no_usable_address")
    assert fake.asks == []


def test_ordinary_address_is_not_refused(postman):
    assert postman.refuses(TO) is None


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        ("gated_send", "waits there for a person, unless"),
        ("gated_all", "waits there"),
        ("monitored", "copy"),
        ("autonomous", "leave after"),
    ],
)
def test_check_says_in_one_line_what_the_mailboxs_mode_does(fake, postman, mode, word):
    fake.set_mode(mode)

    line = postman.check()

    assert mode in line
    assert word in line
    assert "\n" not in line
    assert fake.key not in line


def test_check_mentions_a_missing_postal_address(fake, postman):
    fake.world.account["physical_address"] = None

    assert "no postal address" in postman.check()


def test_check_knows_no_mode_that_nobody_documented(fake, postman):
    fake.set_mode("supervised\x1b[2J")

    assert "unknown to us" in postman.check()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda fake: fake.set_mode("read_only"), "mailbox_read_only"),
        (lambda fake: fake.world.mailboxes.clear(), "no_mailbox"),
        (lambda fake: setattr(fake.world.mailboxes[fake.mailbox_id], "is_active", 0), "no_mailbox"),
        (lambda fake: fake.world.keys.clear(), "multimail_key"),
        (lambda fake: fake.world.account.update(sending_disabled=True), "multimail_account_closed"),
        (lambda fake: fake.world.account.update(is_active=False), "multimail_account_closed"),
    ],
)
def test_check_finds_what_would_stop_every_letter(fake, postman, spoil, reason):
    spoil(fake)

    with pytest.raises(PostmanClosed) as caught:
        postman.check()

    assert caught.value.reason == reason


def test_check_says_when_the_service_is_down(fake, postman):
    fake.next(Trouble(503, {"status": "degraded"}))

    with pytest.raises(PostmanBusy) as caught:
        postman.check()

    assert caught.value.reason == "multimail_down"


def test_check_of_the_simple_dialect_needs_no_mailbox(simple):
    assert simple.check().startswith("MultiMail answers (ok)")


def test_slow_service_holds_a_letter_no_longer_than_its_time():
    # The whole call's own end, whatever single bytes drip in, is shown in test_http; here: it is asked for at all.
    asked = {}

    class Listening:
        def call(self, method, url, **more):
            asked.update(more)
            raise NoAnswer("not_reached")

    with pytest.raises(PostmanBusy):
        MultiMail(Listening(), base="https://api.multimail.dev", key="k" * 9, mailbox="m").post(PLAIN)

    assert asked["total_s"] == SEND_S <= 60


def test_peer_that_answers_something_else_is_no_receipt(make):
    with Peer(lambda line: line.sendall(reply("200 OK", b"<html>Log in to the hotel</html>"))) as peer:
        began = time.monotonic()

        assert fault(make(base=peer.url), PostmanUnsure).reason == "odd_answer"
        assert time.monotonic() - began < 5
