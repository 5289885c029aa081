"""The account and its mailboxes, in front of the fake service."""

import traceback

import pytest

from lifecycle.errors import PostmanBusy, PostmanClosed, PostmanError, PostmanRefused, PostmanUnsure
from lifecycle.oversight import Mode
from lifecycle.ports import HasMailboxes
from tests.adapters.postings import PLAIN, posting
from tests.fakes.multimail import Trouble
from tests.fakes.multimail_world import Mailbox


@pytest.fixture
def office(postman):
    return postman.office


@pytest.fixture
def admin(make, fake):
    return make(key=fake.admin_key).office


def refused(call, kind, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return caught.value


def code_for(fake):
    return fake.world.operator_inbox[-1][1]


def test_postman_has_mailboxes(postman, fake):
    assert isinstance(postman, HasMailboxes)
    assert postman.mailbox == fake.mailbox_id


def test_account_is_told_as_the_service_tells_it(office, fake):
    account = office.account()

    assert (account.plan, account.quota, account.sent_this_month, account.most_mailboxes) == ("builder", 5000, 0, 5)
    assert (account.oversight_address, account.may_send) == ("team@nordlicht-shop.de", True)


@pytest.mark.parametrize("off", [{"is_active": False}, {"sending_disabled": True, "sending_disabled_reason": "bounces"}])
def test_account_that_may_not_send_says_so(office, fake, off):
    fake.world.account |= off

    assert not office.account().may_send


def test_rubbish_about_the_account_is_no_figure(office, fake):
    fake.next(
        Trouble(200, {"plan": ["pro"], "monthly_email_quota": "many", "emails_sent_this_month": -1, "max_mailboxes": True})
    )

    account = office.account()

    assert (account.plan, account.quota, account.sent_this_month, account.most_mailboxes) == ("", None, None, None)


@pytest.mark.parametrize("mode", list(Mode))
def test_mailboxes_come_with_their_modes(office, fake, mode):
    fake.set_mode(str(mode))

    (box,) = office.mailboxes()

    assert (box.id, box.address, box.mode, box.is_active) == (fake.mailbox_id, "orders@nordlicht.multimail.dev", mode, True)


def test_odd_rows_of_the_list_are_left_out_or_marked(office, fake):
    rows = [
        {"id": "../x", "address": "a@b.dev"},
        {"address": "no@id.dev"},
        7,
        {"id": "ok", "oversight_mode": "brand_new", "is_active": 0},
    ]
    fake.next(Trouble(200, {"mailboxes": rows}))

    (box,) = office.mailboxes()

    assert (box.id, box.mode, box.is_active) == ("ok", None, False)


def test_warm_up_is_shown_where_it_is_told(office, fake):
    fake.world.mailboxes[fake.mailbox_id].extras = {"daily_limit": 50, "daily_sent": 12}

    (box,) = office.mailboxes()

    assert (box.daily_limit, box.daily_sent) == (50, 12)


# ---- upgrading -------------------------------------------------------------------------------------------------------


def test_code_from_the_mail_upgrades_the_mailbox_once(office, fake):
    fake.set_mode("gated_send")

    office.ask_upgrade(fake.mailbox_id, Mode.MONITORED)
    assert office.mailboxes()[0].mode is Mode.GATED_SEND
    office.redeem_upgrade(fake.mailbox_id, code_for(fake))

    assert office.mailboxes()[0].mode is Mode.MONITORED
    assert refused(office.redeem_upgrade, PostmanRefused, fake.mailbox_id, code_for(fake)).reason == "no_upgrade"


def test_wrong_code_is_no_missing_scope(office, fake):
    fake.set_mode("gated_send")
    office.ask_upgrade(fake.mailbox_id, Mode.MONITORED)

    error = refused(office.redeem_upgrade, PostmanRefused, fake.mailbox_id, "A7X-00K")

    assert error.reason == "wrong_code"
    assert office.mailboxes()[0].mode is Mode.GATED_SEND


def test_code_older_than_a_day_is_refused(office, fake):
    fake.set_mode("gated_send")
    office.ask_upgrade(fake.mailbox_id, Mode.MONITORED)
    fake.advance(hours=25)

    assert refused(office.redeem_upgrade, PostmanRefused, fake.mailbox_id, code_for(fake)).reason == "no_upgrade"


def test_fourth_code_within_the_hour_is_told_in_words(office, fake):
    fake.set_mode("gated_send")
    for _ in range(3):
        office.ask_upgrade(fake.mailbox_id, Mode.MONITORED)

    error = refused(office.ask_upgrade, PostmanRefused, fake.mailbox_id, Mode.MONITORED)

    assert "three codes an hour" in str(error)
    fake.advance(hours=1, minutes=1)
    office.ask_upgrade(fake.mailbox_id, Mode.MONITORED)


def test_mode_that_is_set_already_and_mailbox_that_is_not_there_are_told_apart(office, fake):
    assert refused(office.ask_upgrade, PostmanRefused, fake.mailbox_id, Mode.MONITORED).reason == "no_upgrade"
    assert refused(office.ask_upgrade, PostmanRefused, "01NOBODY", Mode.MONITORED).reason == "no_mailbox"


# ---- creating --------------------------------------------------------------------------------------------------------


def test_mailbox_is_made_in_two_steps_and_begins_gated(admin, fake):
    assert admin.create("support", "Support") is None
    assert len(admin.mailboxes()) == 1

    made = admin.create("support", "Support", code_for(fake))

    assert (made.address, made.mode) == ("support@nordlicht.multimail.dev", Mode.GATED_SEND)
    assert [(box.id, box.name, box.mode) for box in admin.mailboxes()][1] == (made.id, "Support", Mode.GATED_SEND)


@pytest.mark.parametrize(
    ("prepare", "arguments", "reason"),
    [
        (lambda _admin, _fake: None, ("orders",), "address_taken"),
        (lambda _admin, _fake: None, ("a b",), "bad_address"),
        (lambda admin, _fake: admin.create("support"), ("support",), "code_pending"),
        (lambda admin, _fake: admin.create("support"), ("support", "", "WRONG"), "wrong_code"),
        (lambda _admin, _fake: None, ("support", "", "A7X-29K"), "no_code"),
        (lambda _admin, fake: fake.world.account.update(max_mailboxes=1), ("support",), "multimail_plan"),
    ],
    ids=["taken", "no address", "asked twice", "wrong code", "never asked", "plan"],
)
def test_each_way_a_mailbox_is_not_made_has_its_own_words(admin, fake, prepare, arguments, reason):
    prepare(admin, fake)

    assert refused(admin.create, PostmanRefused, *arguments).reason == reason


def test_success_without_a_mailbox_is_no_success(admin, fake):
    fake.next(Trouble(201, {"welcome": True}))

    refused(admin.create, PostmanUnsure, "support")


# ---- what the key may not --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "call", "scope"),
    [
        ("key", lambda office, fake: office.create("support"), "admin"),
        ("key", lambda office, fake: office.create("support", "", "A7X-29K"), "admin"),
        ("admin_key", lambda office, fake: office.ask_upgrade(fake.mailbox_id, Mode.MONITORED), "send"),
        ("admin_key", lambda office, fake: office.redeem_upgrade(fake.mailbox_id, "A7X-29K"), "send"),
        ("reviewer_key", lambda office, fake: office.account(), "read"),
        ("reviewer_key", lambda office, fake: office.mailboxes(), "read"),
    ],
)
def test_missing_scope_is_named(make, fake, key, call, scope):
    error = refused(lambda: call(make(key=getattr(fake, key)).office, fake), PostmanClosed)

    assert error.reason == "no_scope"
    assert f"lacks the scope {scope}." in str(error)


def test_scope_that_the_service_names_counts_more_than_ours(office, fake):
    fake.next(Trouble(403, {"error": "Missing scope: admin"}))

    assert "lacks the scope admin." in str(refused(office.ask_upgrade, PostmanClosed, fake.mailbox_id, Mode.AUTONOMOUS))


@pytest.mark.parametrize(
    ("trouble", "kind", "reason"),
    [
        (Trouble(401, {"error": "Invalid"}), PostmanClosed, "multimail_key"),
        (Trouble(403, {"error": "Account deactivated"}), PostmanClosed, "multimail_account_closed"),
        (Trouble(404, {"error": "Not found"}), PostmanClosed, "multimail_url"),
        (Trouble(301, b""), PostmanClosed, "multimail_url"),
        (Trouble(429, {"error": "Rate limit exceeded"}), PostmanBusy, "rate_limited"),
        (Trouble(500, b"<html>"), PostmanBusy, "multimail_failed"),
        (Trouble(503, [], {"Retry-After": "5"}), PostmanBusy, "multimail_failed"),
        (Trouble(hangs_up=True), PostmanBusy, "multimail_unreachable"),
    ],
)
def test_whatever_the_service_answers_to_a_look_is_one_declared_error(office, fake, trouble, kind, reason):
    fake.next(trouble)

    assert refused(office.account, kind).reason == reason


def test_lost_answer_to_a_change_is_in_doubt(office, fake):
    fake.set_mode("gated_send")
    fake.next(Trouble(hangs_up=True, acts=True))

    refused(office.ask_upgrade, PostmanUnsure, fake.mailbox_id, Mode.MONITORED)
    assert len(fake.asks) == 1, "a change is never tried twice by itself"


def test_error_repeats_neither_the_key_nor_what_the_service_wrote(make, fake):
    office = make(key="mm_live_canary_0001").office
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 500):
        fake.next(Trouble(status, {"error": "leak-of-the-service mm_live_canary_0001"}))
        with pytest.raises(PostmanError) as caught:
            office.create("support")

        whole = "".join(traceback.format_exception(caught.value))
        assert "leak" not in whole
        assert "canary" not in whole


# ---- whose mailbox a letter leaves from ------------------------------------------------------------------------------


def second(fake):
    fake.world.mailboxes["01SECOND"] = Mailbox("01SECOND", "support@nordlicht.multimail.dev")
    return "01SECOND"


def test_letter_leaves_from_the_stores_own_mailbox(postman, fake):
    own = second(fake)

    postman.post(PLAIN)
    postman.post(posting(mailbox=own, key="k2"))

    assert [mail.mailbox_id for mail in fake.outbound()] == [fake.mailbox_id, own]
    assert all(mail.tags for mail in fake.outbound()), "its tags are asked for in the same mailbox"


def test_duplicate_is_looked_up_in_the_mailbox_of_the_letter(postman, fake):
    own = second(fake)
    first = postman.post(posting(mailbox=own))
    fake.next(Trouble(409, {"error": "Duplicate"}, path="/send"))

    assert postman.post(posting(mailbox=own, key="k2")).reference == first.reference


def test_without_any_mailbox_letters_wait_and_nobody_is_called(make, fake):
    postman = make(mailbox="")

    assert refused(postman.post, PostmanClosed, PLAIN).reason == "no_mailbox"
    assert fake.asks == []
    assert postman.post(posting(mailbox=fake.mailbox_id)).reference
    assert "own wait" in make(mailbox="").check()
