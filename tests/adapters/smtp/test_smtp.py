import gc
import logging
import ssl
import threading
import time
from email import message_from_bytes, policy

import pytest

from adapters.smtp import postman as postman_of
from adapters.smtp.answers import wait_s
from adapters.smtp.posting import SmtpPostman
from adapters.smtp.relay import Cover, Relay, Waits
from lifecycle.errors import BadSetting, PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure
from tests.adapters.postings import PLAIN, TO, posting
from tests.adapters.smtp.relay_double import DROP, HANG, RESET, RelayDouble, contexts

SHORT = Waits(connect_s=2, command_s=0.4, block_s=2, answer_s=0.4, idle_s=60)
LOGIN = ("orders", "hunter2-hunter2")


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return contexts(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def relay(tls):
    with RelayDouble(tls=tls[0], login=LOGIN) as double:
        yield double


@pytest.fixture
def house(relay, tls):
    postman = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, *LOGIN), SHORT, tls[1])
    yield postman
    postman.close()


def test_letter_goes_out_covered_and_logged_in(house, relay):
    receipt = house.post(PLAIN)

    assert receipt.reference == "4XyZ12"
    (taken,) = relay.taken
    assert (taken.sender, taken.recipients) == ("FROM:<orders@shop.example.com>", [f"TO:<{TO}>"])
    letter = message_from_bytes(taken.raw, policy=policy.default)
    assert letter["Subject"] == PLAIN.letter.subject
    assert "\r\n.a line with a dot" in letter.get_body(("plain",)).get_content()
    assert relay.covered == 1
    assert not any(line.startswith(("MAIL", "AUTH")) for line in relay.seen[: relay.seen.index("STARTTLS")])


def test_relay_without_a_queue_id_is_known_by_our_message_id(house, relay):
    relay.accept_answer = "250 fine"

    assert house.post(PLAIN).reference == PLAIN.message_id


def test_many_letters_share_one_connection(house, relay):
    for _ in range(5):
        house.post(PLAIN)

    assert len(relay.taken) == 5
    assert relay.connections == 1


def test_threads_take_turns(house, relay):
    threads = [threading.Thread(target=lambda: [house.post(PLAIN) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(relay.taken) == 20
    assert relay.connections == 1


def test_dead_connection_is_replaced_without_a_word(house, relay):
    house.post(PLAIN)
    relay.drop_all()

    house.post(PLAIN)

    assert len(relay.taken) == relay.connections == 2


def test_kept_connection_that_says_421_is_replaced(house, relay):
    house.post(PLAIN)
    relay.script["mail"] = "421 4.4.2 idle too long"

    house.post(PLAIN)

    assert len(relay.taken) == relay.connections == 2


def test_idle_connection_is_closed_politely(relay, tls):
    waits = Waits(connect_s=2, command_s=1, answer_s=1, idle_s=0.15)
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, *LOGIN), waits, tls[1])
    house.post(PLAIN)
    time.sleep(0.08)
    house.post(PLAIN)
    assert "quit" not in relay.seen

    until = time.monotonic() + 3
    while "quit" not in relay.seen and time.monotonic() < until:
        time.sleep(0.02)

    assert "quit" in relay.seen
    assert relay.connections == 1
    house.post(PLAIN)
    assert relay.connections == 2
    house.close()


CASES = [
    ("greeting", "421 busy", PostmanBusy, "relay_busy"),
    ("greeting", "554 5.7.1 go away", PostmanClosed, "relay_refuses_us"),
    ("greeting", DROP, PostmanBusy, "relay_unreachable"),
    ("ehlo", "421 busy", PostmanBusy, "relay_busy"),
    ("ehlo", HANG, PostmanBusy, "relay_unreachable"),
    ("starttls", "454 4.7.0 not now", PostmanBusy, "relay_busy"),
    ("starttls", "502 5.5.1 never", PostmanClosed, "no_starttls"),
    ("starttls", DROP, PostmanBusy, "relay_unreachable"),
    ("auth", "535 5.7.8 wrong", PostmanClosed, "smtp_login"),
    ("auth", "454 4.7.0 temporary", PostmanBusy, "relay_busy"),
    ("auth", "421 4.7.0 too many", PostmanBusy, "relay_busy"),
    ("auth", DROP, PostmanBusy, "relay_unreachable"),
    ("mail", "421 4.3.2 closing", PostmanBusy, "relay_busy"),
    ("mail", "451 4.3.0 later", PostmanBusy, "relay_busy"),
    ("mail", "530 5.7.0 log in", PostmanClosed, "smtp_login"),
    ("mail", "550 5.1.8 sender", PostmanRefused, "letter_refused"),
    ("mail", "550 5.7.515 policy", PostmanRefused, "authentication_policy"),
    ("mail", DROP, PostmanBusy, "relay_lost"),
    ("mail", HANG, PostmanBusy, "relay_lost"),
    ("mail", "nonsense", PostmanBusy, "relay_lost"),
    ("rcpt", "421 4.3.2 closing", PostmanBusy, "relay_busy"),
    ("rcpt", "450 4.2.0 greylisted", PostmanBusy, "relay_busy"),
    ("rcpt", "452 4.5.3 too many", PostmanBusy, "relay_busy"),
    ("rcpt", "550 5.1.1 unknown", PostmanRefused, "address_refused"),
    ("rcpt", "550 5.7.515 policy", PostmanRefused, "authentication_policy"),
    ("rcpt", "530 5.7.0 log in", PostmanClosed, "smtp_login"),
    ("rcpt", DROP, PostmanBusy, "relay_lost"),
    ("rcpt", HANG, PostmanBusy, "relay_lost"),
    ("data", "421 4.3.2 closing", PostmanBusy, "relay_busy"),
    ("data", "451 4.3.0 later", PostmanBusy, "relay_busy"),
    ("data", "554 5.6.0 no", PostmanRefused, "letter_refused"),
    ("data", "250 what", PostmanBusy, "relay_lost"),
    ("data", DROP, PostmanBusy, "relay_lost"),
    ("dot", "421 4.3.2 closing", PostmanBusy, "relay_busy"),
    ("dot", "451 4.7.1 later", PostmanBusy, "relay_busy"),
    ("dot", "552 5.3.4 too big", PostmanRefused, "letter_refused"),
    ("dot", "550 5.7.515 Access denied", PostmanRefused, "authentication_policy"),
    ("dot", DROP, PostmanUnsure, "no_answer_after_dot"),
    ("dot", RESET, PostmanUnsure, "no_answer_after_dot"),
    ("dot", HANG, PostmanUnsure, "no_answer_after_dot"),
    ("dot", "nonsense", PostmanUnsure, "no_answer_after_dot"),
    ("dot", "354 what", PostmanUnsure, "no_answer_after_dot"),
]


@pytest.mark.parametrize("kept", [False, True], ids=["new-connection", "kept-connection"])
@pytest.mark.parametrize(
    ("step", "told", "error", "reason"), CASES, ids=[f"{step}-{told.split()[0]}" for step, told, *_ in CASES]
)
def test_every_failure_is_its_own_error_and_the_next_letter_goes_out(house, relay, step, told, error, reason, kept):
    before_the_letter = step in ("greeting", "ehlo", "starttls", "auth")
    quietly_replaced = step in ("mail", "rcpt") and (
        told in (DROP, HANG, "nonsense") or (step, told[:3]) == ("mail", "421")
    )
    if kept and (before_the_letter or quietly_replaced):
        return  # such a step does not occur on a kept connection, or its failure is mended (tested above)
    if kept:
        house.post(PLAIN)
    relay.script[step] = told

    with pytest.raises((PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure)) as failed:
        house.post(PLAIN)

    assert (type(failed.value), failed.value.reason) == (error, reason)
    assert len(relay.taken) == kept
    assert (relay.dots == kept) or step == "dot"
    assert TO not in str(failed.value)
    assert "hunter2" not in str(failed.value)
    house.post(PLAIN)
    assert len(relay.taken) == kept + 1
    assert relay.taken[-1].recipients == [f"TO:<{TO}>"]


def test_dropped_in_the_middle_of_a_big_letter_is_surely_not_sent(house, relay):
    relay.script["block"] = RESET

    with pytest.raises(PostmanBusy) as busy:
        house.post(posting(html="<p>" + "x" * 12_000_000))

    assert busy.value.reason == "relay_lost"
    assert relay.dots == 0
    house.post(PLAIN)
    assert len(relay.taken) == 1


@pytest.mark.parametrize("how", [DROP, RESET])
def test_dropped_after_a_small_letter_is_never_taken_for_sent(house, relay, how):
    relay.script["block"] = how

    with pytest.raises((PostmanBusy, PostmanUnsure)):
        house.post(PLAIN)

    house.post(PLAIN)
    assert len(relay.taken) == 1


def test_relay_that_takes_nothing_more_in_the_middle_is_surely_not_sent(tls, relay):
    waits = Waits(connect_s=2, command_s=1, block_s=0.5, answer_s=1)
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, *LOGIN), waits, tls[1])
    relay.script["block"] = HANG

    with pytest.raises(PostmanBusy):
        house.post(posting(html="<p>" + "x" * 12_000_000))

    house.close()


def test_slow_answer_to_the_dot_is_waited_for(tls):
    with RelayDouble(tls=tls[0], thinks_s=0.6) as relay:
        waits = Waits(connect_s=2, command_s=0.3, block_s=0.3, answer_s=5)
        house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS), waits, tls[1])
        house.post(PLAIN)
        relay.script["mail"] = HANG
        began = time.monotonic()
        house.post(PLAIN)
        house.close()

    assert len(relay.taken) == 2
    assert time.monotonic() - began < 3  # the long wait is for that answer only: the hang before was given up soon


def test_waits_as_long_for_the_last_answer_as_the_standard_asks():
    assert Waits().answer_s == 600
    assert Waits().connect_s == 30
    assert Waits().idle_s == 60


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("4.7.1 Greylisted, please try again in 5 minutes", 300), ("try again in 30 seconds", 30), ("Retry after 2 h", 7200),
        ("Greylisted for 3 minutes", 180), ("please come back in 90s", 90), ("wait 10 min", 600), ("try again later, 300 seconds", 300),
        ("try again in 99999 hours", 86400), ("try again in 0 seconds", 1), ("try again later", None), ("too many, max 10 sessions", None),
        ("try again, limit is 10 messages", None), ("", None),
    ],
)  # fmt: skip
def test_wait_that_a_relay_names_is_kept(said, seconds):
    assert wait_s(said) == seconds


def test_busy_carries_the_wait_that_the_relay_named(house, relay):
    relay.script["rcpt"] = "450 4.2.0 Greylisted, try again in 5 minutes"

    with pytest.raises(PostmanBusy) as busy:
        house.post(PLAIN)

    assert busy.value.retry_after_s == 300


def test_relay_without_starttls_gets_no_letter_and_no_password(house, relay):
    relay.offers_starttls = False

    with pytest.raises(PostmanClosed) as closed:
        house.post(PLAIN)

    assert closed.value.reason == "no_starttls"
    assert not any(line.startswith(("AUTH", "MAIL")) for line in relay.seen)
    relay.offers_starttls = True
    house.post(PLAIN)
    assert len(relay.taken) == 1


def test_certificate_that_nobody_trusts_gets_no_letter_and_no_password(relay):
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, *LOGIN), SHORT)

    with pytest.raises(PostmanClosed) as closed:
        house.post(PLAIN)

    assert closed.value.reason == "relay_certificate"
    assert not any(line.startswith(("AUTH", "MAIL")) for line in relay.seen)


def test_certificate_of_another_name_is_refused(tmp_path):
    server, client = contexts(tmp_path, "other-relay.net", "127.0.0.9")
    with RelayDouble(tls=server) as relay, pytest.raises(PostmanClosed) as closed:
        SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS), SHORT, client).post(PLAIN)

    assert closed.value.reason == "relay_certificate"


def test_smtps_covers_from_the_first_byte(tls):
    with RelayDouble(tls=tls[0], immediate_tls=True, login=LOGIN) as relay:
        house = SmtpPostman(Relay("localhost", relay.port, Cover.TLS, *LOGIN), SHORT, tls[1])
        house.post(PLAIN)
        house.close()

    assert len(relay.taken) == relay.covered == 1


def test_smtps_at_a_plain_port_is_busy_not_broken(relay, tls):
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.TLS), SHORT, tls[1])

    with pytest.raises(PostmanBusy):
        house.post(PLAIN)


def test_private_relay_may_do_without_cover():
    with RelayDouble() as relay:
        house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.NONE), SHORT)
        house.post(PLAIN)
        house.close()

    assert len(relay.taken) == 1


def test_nobody_listening_is_busy():
    with RelayDouble() as relay:
        pass

    with pytest.raises(PostmanBusy) as busy:
        SmtpPostman(Relay("127.0.0.1", relay.port, Cover.NONE), SHORT).post(PLAIN)

    assert busy.value.reason == "relay_unreachable"


def test_unknown_name_is_busy():
    with pytest.raises(PostmanBusy) as busy:
        SmtpPostman(Relay("no-such-relay.invalid", 25, Cover.NONE), SHORT).check()

    assert busy.value.reason == "relay_unreachable"


def test_relay_that_offers_no_login_is_closed_to_us(house, relay):
    relay.login = None

    with pytest.raises(PostmanClosed) as closed:
        house.post(PLAIN)

    assert closed.value.reason == "smtp_login"


def test_reserved_address_is_refused_before_any_connection(house, relay):
    assert house.refuses("ann@shop.test") == "reserved_domain"

    with pytest.raises(PostmanRefused) as refused:
        house.post(posting(to="ann@example.com"))

    assert refused.value.reason == "reserved_domain"
    assert relay.connections == 0


def test_check_says_that_the_relay_answers(house, relay):
    assert house.check() == f"smtp: 127.0.0.1:{relay.port} answers (starttls)"
    relay.drop_all()
    assert "answers" in house.check()
    assert relay.connections == 2


def test_wrong_login_tells_nothing_secret(relay, tls, caplog):
    caplog.set_level(logging.DEBUG)
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, "orders", "wrong-hunter2"), SHORT, tls[1])

    with pytest.raises(PostmanClosed) as closed:
        house.check()

    assert closed.value.reason == "smtp_login"
    assert "535 5.7.8" in str(closed.value)
    for told in (str(closed.value), repr(closed.value), caplog.text, repr(house._relay)):
        assert "hunter2" not in told
        assert "orders" not in told or told == repr(house._relay)
    assert closed.value.__cause__ is None
    assert closed.value.__suppress_context__


def test_no_socket_is_left_open(relay, tls):
    house = SmtpPostman(Relay("127.0.0.1", relay.port, Cover.STARTTLS, *LOGIN), SHORT, tls[1])
    for step, told in (("mail", HANG), ("dot", DROP), ("auth", DROP), ("starttls", DROP)):
        relay.script[step] = told
        with pytest.raises((PostmanBusy, PostmanUnsure)):
            house.post(PLAIN)
    house.close()

    gc.collect()  # an open socket would warn here, and warnings are errors


def test_url_makes_the_postman():
    class Settings:
        smtp_url = "smtp://user:hunter2@relay.net"

    house = postman_of(Settings())

    assert (house.name, house.remembers) == ("smtp", None)
    assert house._tls.verify_mode is ssl.CERT_REQUIRED
    assert house._tls.check_hostname
    Settings.smtp_url = "nonsense"
    with pytest.raises(BadSetting):
        postman_of(Settings())
