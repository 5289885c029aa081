from dataclasses import replace

import pytest

from lifecycle.choices import changed, listed
from lifecycle.errors import BadSetting
from lifecycle.mailboxes import MAILBOX_WORDS, Mailbox, clashes, found, mailbox_of
from lifecycle.mails import MAILS
from lifecycle.oversight import Mode
from lifecycle.stores import Store, StoreSettings

SHOP = Store("s1", "custom", "https://shop.test", "t", "Shop")
BOX = Mailbox("01JMX", "orders@nordlicht.multimail.dev", mode=Mode.AUTONOMOUS)


def shop(**settings):
    store = SHOP
    for name, value in settings.items():
        store = store.with_settings(changed(store.settings, name.replace("__", "."), value))
    return store


def box(mode, **more):
    return replace(BOX, mode=mode, **more)


def test_every_mode_says_what_it_does():
    assert set(MAILBOX_WORDS) == set(Mode)


@pytest.mark.parametrize("mode", [Mode.MONITORED, Mode.AUTONOMOUS])
def test_mailbox_that_lets_letters_go_is_in_nobodys_way(mode):
    assert clashes(shop(), box(mode)) == ()
    assert clashes(shop(mode__order_confirmation="gated_send"), box(mode)) == ()


@pytest.mark.parametrize("mode", [Mode.GATED_SEND, Mode.GATED_ALL])
def test_gated_mailbox_holds_what_we_let_go(mode):
    there, advice = clashes(shop(), box(mode))

    assert there.startswith("Held there")
    assert all(row.title in there for row in MAILS.values())
    assert ("allowlist" in there) is (mode is Mode.GATED_SEND)
    assert "Upgrade" in advice


@pytest.mark.parametrize("ours", ["gated_send", "gated_all"])
@pytest.mark.parametrize("mode", [Mode.GATED_SEND, Mode.GATED_ALL])
def test_letter_that_we_hold_is_held_twice_by_a_gated_mailbox(mode, ours):
    twice, there, _ = clashes(shop(mode__refund_notice=ours), box(mode))

    assert twice.startswith("Held twice")
    assert twice.endswith(": Refund.")
    assert "Refund" not in there
    assert "Order confirmation" in there


def test_letters_that_never_leave_clash_with_nothing():
    quiet = shop(**{f"off__{name}": "yes" for name in MAILS if name != "refund_notice"}, mode__refund_notice="read_only")

    assert not any("Held" in said for said in clashes(quiet, box(Mode.GATED_SEND)))


def test_team_gets_one_copy_or_is_told_of_two():
    assert clashes(shop(team_address="team@shop.eu"), box(Mode.AUTONOMOUS)) == ()
    (said,) = clashes(shop(team_address="team@shop.eu"), box(Mode.MONITORED))
    assert said.startswith("Copied twice")


@pytest.mark.parametrize("wrong", [None, box(Mode.READ_ONLY), box(Mode.AUTONOMOUS, is_active=False), box(None)])
def test_mailbox_that_sends_nothing_or_is_not_known_is_said_in_one_sentence(wrong):
    assert len(clashes(shop(), wrong)) == 1


def test_switched_off_mailbox_says_so_whatever_its_mode():
    assert "switched off" in box(Mode.AUTONOMOUS, is_active=False).words


def test_store_writes_from_its_own_mailbox_else_from_the_installations():
    assert mailbox_of(shop(), "01DEFAULT") == "01DEFAULT"
    assert mailbox_of(shop(mailbox_id="01OWN"), "01DEFAULT") == "01OWN"


@pytest.mark.parametrize("wanted", ["01JMX", "orders@nordlicht.multimail.dev", " Orders@Nordlicht.multimail.dev "])
def test_mailbox_is_found_by_id_and_by_address(wanted):
    assert found([box(Mode.MONITORED)], wanted) == box(Mode.MONITORED)


@pytest.mark.parametrize("wanted", ["", " ", "01JM", "orders"])
def test_no_mailbox_is_found_by_less(wanted):
    assert found([BOX, Mailbox("", "")], wanted) is None


@pytest.mark.parametrize("text", ["orders@nordlicht.multimail.dev", "a/b", "..", "../../account", "x" * 65, "a b", "ü"])
def test_setting_takes_no_text_that_could_leave_its_place_in_a_path(text):
    with pytest.raises(BadSetting, match="mailbox_id must be a mailbox id"):
        changed(StoreSettings(), "mailbox_id", text)


def test_setting_is_listed_and_taken_back():
    chosen = changed(StoreSettings(), "mailbox_id", "01JMX")

    assert listed(chosen)["mailbox_id"] == "01JMX"
    assert changed(chosen, "mailbox_id", "").mailbox_id == ""
