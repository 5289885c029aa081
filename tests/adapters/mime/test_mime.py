import string
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import mime, reserved
from lifecycle.errors import PostmanClosed, PostmanRefused
from tests.adapters.postings import PLAIN, TO, posting

INJECTION = "=?utf-8?q?ok=0d=0aBcc:_x=40y.z?="
EXPECTED = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type",
]  # fmt: skip


def read(raw):
    return message_from_bytes(raw, policy=policy.default)


def refusal(bad):
    with pytest.raises(PostmanRefused) as refused:
        mime.build(bad)
    return refused.value.reason


def test_letter_has_both_bodies_and_exactly_the_meant_headers():
    letter = read(mime.build(PLAIN))

    assert letter.keys() == EXPECTED
    assert letter.get_content_type() == "multipart/alternative"
    plain, html = letter.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert html.get_content_type() == "text/html"
    assert plain.get_content_charset() == html.get_content_charset() == "utf-8"
    assert plain.get_content().replace("\r\n", "\n").strip() == PLAIN.letter.text.strip()
    assert html.get_content().strip() == PLAIN.letter.html


def test_headers_say_who_whom_and_when():
    letter = read(mime.build(PLAIN))

    assert letter["From"].addresses[0].display_name == "Müller & Söhne"
    assert letter["From"].addresses[0].addr_spec == "orders@shop.example.com"
    assert [one.addr_spec for one in letter["To"].addresses] == [TO]
    assert letter["Reply-To"] == "help@shop.example.com"
    assert letter["Subject"] == PLAIN.letter.subject
    assert parsedate_to_datetime(letter["Date"]) == PLAIN.date
    assert letter["Message-ID"] == PLAIN.message_id
    assert letter["Auto-Submitted"] == "auto-generated"


def test_same_posting_gives_the_same_bytes():
    assert mime.build(PLAIN) == mime.build(posting())


def test_thread_points_to_its_root():
    letter = read(mime.build(posting(references="<root.1@shop.example.com>")))

    assert letter["References"] == letter["In-Reply-To"] == "<root.1@shop.example.com>"


def test_root_letter_does_not_answer_itself():
    letter = read(mime.build(posting(references=PLAIN.message_id)))

    assert letter["References"] is None
    assert letter["In-Reply-To"] is None


def test_long_list_unsubscribe_is_folded_and_survives():
    value = "<https://shop.example.com/u/" + "a" * 300 + ">, <mailto:out@shop.example.com?subject=" + "b" * 300 + ">"

    raw = mime.build(posting(headers={"List-Unsubscribe": value, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}))

    assert "".join(read(raw)["List-Unsubscribe"].split()) == "".join(value.split())


@pytest.mark.parametrize(
    ("field", "hidden"),
    [
        (field, hidden)
        for field in ("subject", "from_name")
        for hidden in (
            INJECTION,
            "=\x00?utf-8?q?ok=0d=0aBcc:_x=40y.z?=",
            "=\u202e?utf-8?q?ok=0d=0aBcc:_x=40y.z?=",
            "é " + INJECTION,
            "x\r\nBcc: x@y.z",
            "x\nBcc: x@y.z",
            "x\r\n\r\n<b>body</b>",
            "x\x85Bcc: x@y.z",
            "x\u2028Bcc: x@y.z",
            "x\x0bBcc: x@y.z\x0c",
            '"<evil@y.z>, "',
            'a" <evil@y.z>, "b',
            "a\\",
        )
    ],
)
def test_hostile_name_or_subject_adds_no_header_and_no_recipient(field, hidden):
    raw = mime.build(posting(**{field: hidden}))

    letter = read(raw)
    assert letter.keys() == EXPECTED
    assert [one.addr_spec for one in letter["To"].addresses] == [TO]
    assert [one.addr_spec for one in letter["From"].addresses] == ["orders@shop.example.com"]
    # What a relay written in Python would make of it: written out anew by the `email` package of this interpreter.
    again = message_from_bytes(letter.as_bytes(), policy=policy.compat32)
    assert again.keys() == EXPECTED
    assert b"\nBcc" not in letter.as_bytes()
    assert b"\nBcc" not in raw


@pytest.mark.parametrize(
    "sign", [*map(chr, range(32)), "\x7f", "\x9b", "\u202e", "\u2066", "\u2069", "\u2028", "\ufeff", "\ud800"]
)
def test_no_control_or_direction_trick_reaches_a_header(sign):
    raw = mime.build(posting(subject=f"a{sign}b ü", from_name=f"a{sign}b"))

    shown = str(make_header(decode_header(message_from_bytes(raw)["Subject"].replace("\r\n", ""))))
    assert shown in ("ab ü", "a b ü")
    assert sign not in mime.foreign(f"a{sign}b") or sign == " "


def test_tab_becomes_a_blank_and_long_text_is_cut_at_200():
    assert mime.foreign("a\tb") == "a b"
    assert mime.foreign("x" * 200) == "x" * 200
    assert mime.foreign("x" * 201) == "x" * 199 + "…"


@pytest.mark.parametrize(
    "to",
    [
        "", "a@x.net,b@y.net", "a@x.net b@y.net", "a@x.net;b@y.net", '"x" <v@y.net>', "<v@y.net>", "v@y.net\r\nBcc: b@y.net",
        "v@y.net\nBcc:b@y.net", "v@@y.net", "v@y..net", ".v@y.net", "v.@y.net", "v..w@y.net", "v@-y.net", "v@y", "v@[127.0.0.1]",
        '"v w"@y.net', "v(comment)@y.net", "v@y.net\x00", "v@y.net\u2028", "v\u202e@y.net", "=?utf-8?q?v?=@y.net,b@y.net", "ü@y.net",
        "v@" + "a." * 130 + "net", "v" * 65 + "@y.net", "v@y_z.net", "group:v@y.net;",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_address_gets_no_letter(to):
    assert mime.addr_spec(to) is None
    assert refusal(posting(to=to)) == "no_usable_address"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [(" ann@x.net ", "ann@x.net"), ("o'hara+a.b@x-y.co.uk", "o'hara+a.b@x-y.co.uk"), ("ann@bücher.ch", "ann@xn--bcher-kva.ch"), ("Ann@X.NET", "Ann@X.NET")],
)  # fmt: skip
def test_one_plain_address_is_taken_as_it_is(typed, plain):
    assert mime.addr_spec(typed) == plain


@pytest.mark.parametrize("field", ["from_address", "reply_to"])
def test_letters_of_an_unusable_sender_wait_until_its_setting_is_mended(field):
    with pytest.raises(PostmanClosed) as closed:
        mime.build(posting(**{field: "a@x.net,b@y.net"}))

    assert closed.value.reason == "no_usable_sender"


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "x@y.z"}, {"cc": "x@y.z"}, {"To": "x@y.z"}, {"Content-Type": "text/html"}, {"Resent-To": "x@y.z"}, {"X-A\r\nBcc": "x"},
        {"X-A": "b\r\nBcc: x@y.z"}, {"X-A": INJECTION}, {"X-A": ""}, {"X-A": " "}, {"X A": "b"}, {"X-A:": "b"}, {"X-A": "b", "x-a": "c"},
        {"X-A": "x" * 1500}, {"": "b"}, {"Return-Path": "<x@y.z>"}, {"X-A": "b\ud800"},
    ],
)  # fmt: skip
def test_fixed_header_that_could_steer_the_letter_is_refused(headers):
    assert refusal(posting(headers=headers)) == "header_guard"


@pytest.mark.parametrize("message_id", ["", "a@b.net", "<a b@c.net>", "<a@b.net>\r\nBcc: x@y.z", "<a>", "<ü@b.net>"])
def test_odd_message_id_is_refused(message_id):
    assert refusal(posting(message_id=message_id)) == "header_guard"


def test_guard_sees_headers_that_read_back_otherwise():
    good = f"From: a@x.net\r\nTo: {TO}\r\nSubject: x\r\n"
    names = ["From", "To", "Subject"]

    mime.guard(good.encode(), names, TO)

    for bad in (
        good + "Bcc: x@y.z\r\n",
        good.replace("Subject: x", "Subject: x\r\n\r\nBcc: x@y.z"),
        good.replace("Subject: x", "Subject: x\rBcc: x@y.z"),
        good.replace("Subject: x", "Subject: x\nBcc: x@y.z"),
        good.replace(TO, f"{TO}, b@y.net"),
        good.replace("a@x.net", "a@x.net, c@x.net"),
        good.replace("Subject: x", "Subject: " + "x" * 999),
    ):
        with pytest.raises(PostmanRefused) as refused:
            mime.guard(bad.encode(), names, TO)
        assert refused.value.reason == "header_guard"


@given(
    subject=st.text(max_size=300),
    name=st.text(max_size=300),
    text=st.text(max_size=2000),
    html=st.text(alphabet=string.printable + "äあ=\u2028\ud800", max_size=2000),
)
def test_any_words_give_one_recipient_fixed_headers_and_short_seven_bit_lines(subject, name, text, html):
    raw = mime.build(posting(subject=subject, from_name=name, text=text, html=html))

    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert raw.isascii()
    letter = message_from_bytes(raw)
    assert letter.keys() == EXPECTED
    assert letter["To"] == TO
    assert not letter.defects
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for part, meant in zip(letter.get_payload(), (text, html), strict=True):
        got = part.get_payload(decode=True).decode().replace("\r\n", "\n").strip("\n")
        assert got == meant.replace("\r\n", "\n").replace("\r", "\n").strip("\n").encode("utf-8", "replace").decode()
    shown = str(make_header(decode_header(letter["Subject"].replace("\r\n", "")))) if letter["Subject"] else ""
    assert shown.replace(" ", "") == mime.foreign(subject).replace(" ", "")


@given(st.text(max_size=80) | st.from_regex(r"[a-z.]{1,5}@[a-z.,;<> ]{1,10}", fullmatch=True))
def test_address_is_one_plain_spec_or_none(text):
    found = mime.addr_spec(text)

    if found is not None:
        assert found.count("@") == 1
        assert not set(found) & set(' ,;:<>()[]\\"\r\n\t')
        assert mime.addr_spec(found) == found
        assert Address(addr_spec=found).addr_spec == found


@pytest.mark.parametrize(
    "address",
    [
        "a@shop.test", "a@b.example", "a@x.invalid", "a@localhost", "a@example.com", "a@example.net", "a@EXAMPLE.org", "a@mail.example.com",
        "a@deep.sub.Example.NET", "a@example.com.", "a@x.TEST.", "a@shop\u3002test", '"a@real.net"@example.com',
    ],
)  # fmt: skip
def test_reserved_domains_are_nobodys(address):
    assert reserved.refusal(address) == "reserved_domain"


@pytest.mark.parametrize(
    "address", ["a@example.de", "a@notexample.com", "a@test.com", "a@example.com.au", "a@contest", "test@shop.net", "", "@"]
)
def test_other_domains_may_be_somebodys(address):
    assert reserved.refusal(address) is None


@pytest.mark.parametrize("subject", ["é" * 190, "🎁" * 150, "word " * 39, "日本語のご注文 " * 20])
def test_long_subject_is_folded_into_short_lines_and_reads_back_whole(subject):
    raw = mime.build(posting(subject=subject))

    assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n"))
    assert read(raw)["Subject"] == mime.foreign(subject)
