"""The fake MultiMail behaves as the vendor's documents say (OpenAPI 2.0.0, MCP server 0.7.0, changelog 0.13.0; 2026-11-20)."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.http import Outbound
from lifecycle.errors import NoAnswer
from tests.fakes.multimail import FakeMultiMail, Trouble
from tests.fakes.peer import Peer, reply

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LETTER = {"to": ["ann@shop.net"], "subject": "Order 1", "markdown": "# Thanks"}


@pytest.fixture
def fake():
    with FakeMultiMail(starts_at=NOON) as running:
        yield running


@pytest.fixture
def ask(fake):
    """`ask("GET", path)` → status and body as the key's holder sees them."""
    outbound = Outbound(fake.url, read_s=5)

    def one(method, path, content=None, key=fake.key, **params):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        ask.last = outbound.call(method, fake.url + path, headers=headers, params=params or None, content=content)
        return ask.last.status, ask.last.object() or ask.last.body

    ask = one
    yield one
    outbound.close()


@pytest.fixture
def send(fake, ask):
    def one(**changes):
        return ask("POST", f"/v1/mailboxes/{fake.mailbox_id}/send", {**LETTER, **changes})

    return one


@pytest.fixture
def box(fake):
    return f"/v1/mailboxes/{fake.mailbox_id}"


def state(fake, number=-1):
    return fake.outbound()[number].status


# ---- doors -----------------------------------------------------------------------------------------------------------


def test_unknown_or_missing_key_is_401_and_says_where_to_learn_more(ask):
    for key in (None, "mm_live_nobody"):
        status, body = ask("GET", "/v1/account", key=key)

        assert (status, list(body)) == (401, ["error"])
    assert "www-authenticate" in ask.last.headers


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("GET", "/v1/mailboxes", "key", 200),
        ("GET", "/v1/mailboxes", "admin_key", 200),
        ("GET", "/v1/mailboxes", "reviewer_key", 403),
        ("GET", "/v1/oversight/pending", "reviewer_key", 200),
        ("GET", "/v1/oversight/pending", "key", 403),
        ("GET", "/v1/suppression", "key", 403),
        ("GET", "/v1/suppression", "admin_key", 200),
        ("GET", "/v1/audit-log", "admin_key", 200),
        ("GET", "/v1/webhooks", "key", 403),
        ("POST", "/v1/contacts", "admin_key", 403),
        ("POST", "/v1/send", "key", 404),
        ("POST", "/v1/emails", "key", 405),
        ("POST", "/v1/emails/send", "key", 404),
        ("GET", "/v1/mailboxes/01NOBODY/emails", "key", 404),
        ("GET", "/nowhere", "key", 404),
    ],
)
def test_scope_and_path_decide_the_status(fake, ask, method, path, key, status):
    assert ask(method, path, {} if method == "POST" else None, key=getattr(fake, key))[0] == status


def test_health_and_openapi_need_no_key(ask):
    assert ask("GET", "/health", key=None) == (200, {"status": "ok"})
    assert ask("GET", "/v1/openapi.json", key=None)[1]["info"]["version"] == "2.0.0"


# ---- send ------------------------------------------------------------------------------------------------------------


def test_send_is_202_pending_scan_in_every_sending_mode(fake, send):
    for mode in ("gated_all", "gated_send", "monitored", "autonomous"):
        fake.set_mode(mode)
        status, body = send(subject=mode)

        assert (status, body["status"], set(body)) == (202, "pending_scan", {"id", "status", "thread_id"})


def test_read_only_mailbox_sends_nothing_and_says_how_to_upgrade(fake, send):
    fake.set_mode("read_only")

    status, body = send()

    assert status == 403
    assert "upgrade" in body["hint"]
    assert fake.outbound() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "ann@shop.net"},
        {"to": []},
        {"to": ["ann@shop.net"] * 51},
        {"to": ["ann"]},
        {"to": [7]},
        {"subject": ""},
        {"subject": "x" * 999},
        {"subject": 7},
        {"markdown": None},
        {"markdown": "x" * 262_145},
        {"cc": "a@b.net"},
        {"bcc": ["a"]},
        {"idempotency_key": 7},
        {"attachments": [{"name": "a"}]},
        {"attachments": [{"name": "a", "content_type": "text/plain", "content_base64": "!"}]},
        {"send_at": "2026-11-21T12:00:00"},
        {"send_at": "2026-11-19T12:00:00Z"},
        {"send_at": "soonZ"},
        {"gate_timing": "never"},
    ],
)
def test_invalid_send_is_400_and_keeps_nothing(fake, send, changes):
    assert send(**changes)[0] == 400
    assert fake.outbound() == []


def test_unknown_fields_are_ignored(send):
    assert send(html="<p>", tags=["a"], metadata={})[0] == 202


def test_body_that_is_no_object_is_400(ask, box):
    assert ask("POST", f"{box}/send", ["a"])[0] == 400


def test_idempotency_key_lasts_24_hours(fake, send):
    first = send(idempotency_key="k")[1]["id"]
    fake.advance(hours=23, minutes=59)
    again = send(idempotency_key="k", subject="Other words")
    fake.advance(minutes=2)
    later = send(idempotency_key="k")

    assert again == (200, {"id": first, "status": "already_sent", "idempotent": True})
    assert later[0] == 202
    assert len(fake.outbound()) == 2


def test_content_guard_lasts_60_seconds_where_it_is_switched_on(fake, send):
    assert [send()[0], send()[0]] == [202, 202]
    fake.switches.guard_on_send = True

    statuses = [send()[0], send(subject="Order 2")[0]]
    fake.advance(seconds=61)

    assert [*statuses, send()[0]] == [409, 202, 202]


def test_three_kinds_of_429_can_be_told_apart(fake, send):
    fake.switches.warmup_limit = 1
    send()
    warm_up = send()
    fake.switches.warmup_limit, fake.switches.quota = None, 1
    quota = send()
    fake.switches.rate_per_s = 0
    rate = send()

    assert [warm_up[0], quota[0], rate[0]] == [429] * 3
    assert warm_up[1].items() >= {"warmup_stage": 1, "daily_sent": 1, "daily_limit": 1}.items()
    assert "quota" in quota[1]["error"]
    assert "warmup_stage" not in quota[1]
    assert "quota" not in rate[1]["error"]


def test_warm_up_counts_anew_each_day_and_the_quota_each_month(fake, send):
    fake.switches.warmup_limit, fake.switches.quota = 1, 2
    statuses = [send(subject=str(number))[0] for number in range(2)]
    fake.advance(days=1)
    statuses += [send(subject=f"b{number}")[0] for number in range(2)]
    fake.advance(days=10)
    statuses.append(send(subject="c")[0])

    assert statuses == [202, 429, 202, 429, 202]


def test_switched_off_account_is_403(fake, send):
    fake.world.account["sending_disabled"] = True

    assert send()[0] == 403


# ---- scan, gate, schedule --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        ("gated_all", "pending_send_approval"),
        ("gated_send", "pending_send_approval"),
        ("monitored", "sent"),
        ("autonomous", "sent"),
    ],
)
def test_scan_holds_or_sends_by_the_mailboxs_mode(fake, send, mode, status):
    fake.set_mode(mode)
    send()

    fake.scan()

    assert state(fake) == status
    assert len(fake.sent()) == (status == "sent")


def test_allowlist_lets_a_gated_mail_pass_only_when_all_receivers_are_on_it(fake, ask, send, box):
    fake.set_mode("gated_send")
    asked = [ask("POST", f"{box}/allowlist", {"pattern": "*@shop.net"}, key=fake.admin_key)[0]]
    code = fake.world.operator_inbox[-1][1]
    asked.append(ask("POST", f"{box}/allowlist", {"pattern": "*@shop.net", "approval_code": code}, key=fake.admin_key)[0])
    send()
    send(to=["ann@shop.net", "bob@elsewhere.net"])

    fake.scan()

    assert asked == [202, 201]
    assert [mail.status for mail in fake.outbound()] == ["sent", "pending_send_approval"]
    assert ask("GET", f"{box}/allowlist")[1]["count"] == 1


@pytest.mark.parametrize("word", ["sent", "delivered", "read"])
def test_word_for_a_sent_mail_can_be_any(fake, send, word):
    fake.switches.sent_status = word
    send()

    fake.scan()

    assert (state(fake), len(fake.sent())) == (word, 1)


def test_scan_can_reject(fake, send):
    fake.switches.scan_rejects = True
    send()

    fake.scan()

    assert (state(fake), fake.sent()) == ("rejected", [])


def test_scheduled_mail_leaves_when_it_is_due(fake, send):
    send(send_at="2026-11-20T13:00:00Z")
    fake.scan()
    before = state(fake)

    fake.advance(hours=1)

    assert (before, state(fake)) == ("scheduled", "sent")


@pytest.mark.parametrize(
    ("timing", "states"),
    [
        ("gate_first", ["pending_send_approval", "scheduled", "sent"]),
        ("schedule_first", ["scheduled", "pending_send_approval", "sent"]),
    ],
)
def test_gate_and_schedule_come_in_the_chosen_order(fake, send, timing, states):
    fake.set_mode("gated_send")
    send(send_at="2026-11-20T13:00:00Z", gate_timing=timing)
    fake.scan()
    seen = [state(fake)]
    mail = fake.outbound()[0].id

    def approve():
        fake.decide(mail)

    def wait():
        fake.advance(hours=1)

    for step in (approve, wait) if timing == "gate_first" else (wait, approve):
        step()
        seen.append(state(fake))

    assert seen == states


def test_suppressed_receiver_bounces_or_is_refused(fake, send):
    fake.suppress("Ann@shop.net")
    first = send()[0]
    fake.scan()
    mail = fake.outbound()[0]
    fake.switches.suppressed_is_400 = True

    assert (first, mail.bounce_type, fake.sent(), send(subject="2")[0]) == (202, "hard", [], 400)


def test_cancel_works_until_the_mail_has_left(fake, ask, send, box):
    send()
    mail = fake.outbound()[0].id
    answers = [ask("POST", f"{box}/emails/{mail}/cancel") for _ in range(2)]
    send(subject="2")
    fake.scan()

    assert answers == [(200, {"id": mail, "status": "cancelled"})] * 2
    assert ask("POST", f"{box}/emails/{fake.outbound()[1].id}/cancel")[0] == 409
    assert ask("POST", f"{box}/emails/em_nobody/cancel")[0] == 404


# ---- reviewing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["emails", "pending"])
def test_reviewer_sees_and_decides_what_waits(fake, ask, send, name):
    fake.switches.pending_key = name
    fake.set_mode("gated_send")
    send()
    send(subject="2")
    fake.scan()
    one, two = (mail.id for mail in fake.outbound())

    rows = ask("GET", "/v1/oversight/pending", key=fake.reviewer_key)[1][name]
    yes = ask("POST", "/v1/oversight/decide", {"email_id": one, "action": "approve"}, key=fake.reviewer_key)
    no = ask("POST", "/v1/oversight/decide", {"email_id": two, "action": "reject"}, key=fake.reviewer_key)

    assert [(row["id"], row["body_markdown"], row["status"]) for row in rows] == [
        (one, "# Thanks", "pending_send_approval"),
        (two, "# Thanks", "pending_send_approval"),
    ]
    assert (yes, no) == ((200, {"status": "approved_and_sent"}), (200, {"status": "rejected"}))
    assert [mail.id for mail in fake.sent()] == [one]


@pytest.mark.parametrize(
    ("body", "status"), [({"email_id": "em_x", "action": "approve"}, 404), ({"action": "approve"}, 404)]
)
def test_decision_about_nothing_is_404(fake, ask, body, status):
    assert ask("POST", "/v1/oversight/decide", body, key=fake.reviewer_key)[0] == status


def test_second_decision_is_409_and_an_unknown_one_400(fake, ask, send):
    fake.set_mode("gated_send")
    send()
    fake.scan()
    mail = fake.outbound()[0].id
    fake.decide(mail, "reject")

    statuses = [
        ask("POST", "/v1/oversight/decide", {"email_id": mail, "action": action}, key=fake.reviewer_key)[0]
        for action in ("approve", "maybe")
    ]

    assert statuses == [409, 400]


def test_key_that_may_send_may_never_approve(fake, ask):
    assert ask("POST", "/v1/api-keys", {"name": "both", "scopes": ["send", "oversight"]}, key=fake.admin_key)[0] == 400


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_list_is_newest_first_and_pages_by_cursor(ask, send, box):
    for number in range(5):
        send(subject=f"Order {number}")
    seen, cursor = [], {}
    for _ in range(3):
        page = ask("GET", f"{box}/emails", limit="2", **cursor)[1]
        seen += [row["subject"] for row in page["emails"]]
        cursor = {"cursor": page["cursor"]} if page["cursor"] else {}

    assert seen == [f"Order {number}" for number in (4, 3, 2, 1, 0)]
    assert cursor == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"direction": "outbound"}, ["Order 1"]),
        ({"direction": "inbound"}, ["Where is it?"]),
        ({"subject_contains": "order"}, ["Order 1"]),
        ({"sender": "ANN"}, ["Where is it?"]),
        ({"status": "unread"}, ["Where is it?"]),
        ({"status": "scheduled"}, []),
        ({"date_after": "2026-11-20T11:00:00Z", "direction": "outbound"}, ["Order 1"]),
        ({"date_after": "2026-11-20T13:00:00Z"}, []),
        ({"date_before": "2026-11-20T11:00:00Z"}, []),
        ({"has_attachments": "true"}, []),
        ({"unknown": "1"}, ["Where is it?", "Order 1"]),
    ],
)
def test_list_filters(fake, ask, send, box, query, found):
    send()
    fake.receive("ann@shop.net", "Where is it?", "…")

    assert [row["subject"] for row in ask("GET", f"{box}/emails", **query)[1]["emails"]] == found


@pytest.mark.parametrize(
    "query", [{"limit": "101"}, {"limit": "0"}, {"limit": "x"}, {"status": "sent"}, {"status": "pending_scan"}]
)
def test_list_refuses_what_the_filter_does_not_know(ask, box, query):
    assert ask("GET", f"{box}/emails", **query)[0] == 400


def test_list_since_an_id_has_only_newer_ones(fake, ask, send, box):
    send()
    send(subject="2")

    rows = ask("GET", f"{box}/emails", since_id=fake.outbound()[0].id)[1]["emails"]

    assert [row["subject"] for row in rows] == ["2"]


def test_reading_an_inbound_mail_marks_it_read(fake, ask, box):
    mail = fake.receive("ann@shop.net", "Hello", "Where is *it*?")

    body = ask("GET", f"{box}/emails/{mail.id}")[1]

    assert (body["status"], body["markdown"], body["direction"]) == ("read", "Where is *it*?", "inbound")
    assert ask("GET", f"{box}/emails/em_nobody")[0] == 404


def test_gated_all_holds_what_comes_in(fake):
    fake.set_mode("gated_all")

    assert fake.receive("ann@shop.net", "Hello", "…").status == "pending_inbound_approval"


def test_reply_stays_in_the_thread_and_is_guarded(fake, ask, box):
    mail = fake.receive("ann@shop.net", "Hello", "…")
    path = f"{box}/reply/{mail.id}"

    statuses = [ask("POST", path, {"markdown": "Hi"})[0] for _ in range(2)]

    thread = ask("GET", f"{box}/threads/{mail.thread_id}")[1]
    assert statuses == [202, 409]
    assert (thread["message_count"], thread["emails"][1]["subject"], thread["has_unanswered_inbound"]) == (
        2,
        "Re: Hello",
        False,
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_attachment_comes_back(fake, ask, send, box, as_json):
    fake.switches.attachment_json = as_json
    content = base64.b64encode(b"%PDF").decode()
    send(attachments=[{"name": "a b.pdf", "content_base64": content, "content_type": "application/pdf"}])
    mail = fake.outbound()[0].id

    answer = ask("GET", f"{box}/emails/{mail}/attachments/a%20b.pdf")

    assert answer == (200, {"name": "a b.pdf", "content_base64": content} if as_json else b"%PDF")
    assert ask("GET", f"{box}/emails/{mail}")[1]["attachments"] == [
        {"name": "a b.pdf", "size": 4, "content_type": "application/pdf"}
    ]


@pytest.mark.parametrize("merges", [True, False])
def test_put_tags_merges_or_replaces(fake, ask, send, box, merges):
    fake.switches.tags_merge = merges
    send()
    path = f"{box}/emails/{fake.outbound()[0].id}/tags"
    ask("PUT", path, {"tags": {"a": "1"}})

    tags = ask("PUT", path, {"tags": {"b": "2"}})[1]["tags"]

    assert tags == ({"a": "1", "b": "2"} if merges else {"b": "2"})
    assert ask("GET", path) == (200, {"tags": tags})
    assert ask("DELETE", f"{path}/b") == (200, {"deleted": True})
    assert ask("PUT", path, {"tags": ["b"]})[0] == 400


def test_spam_marks(fake, ask):
    mail = fake.receive("x@spam.net", "Win", "…")

    marked = ask("POST", f"/v1/emails/{mail.id}/report-spam")[1]
    listed = ask("GET", "/v1/emails", status="spam_quarantined")[1]["emails"]
    freed = ask("POST", f"/v1/emails/{mail.id}/not-spam")[1]

    assert (marked["status"], marked["user_label"], len(listed)) == ("spam_quarantined", "spam", 1)
    assert (freed["status"], freed["user_label"]) == ("unread", "not_spam")


# ---- office ----------------------------------------------------------------------------------------------------------


def test_account_is_flat_and_counts_the_months_mails(ask, send):
    send()

    body = ask("GET", "/v1/account")[1]

    assert (body["emails_sent_this_month"], body["monthly_email_quota"], body["plan"]) == (1, 5000, "builder")


def test_contacts_need_name_and_address_and_are_found_by_part(ask):
    assert [
        ask("POST", "/v1/contacts", body)[0] for body in ({"email": "a@b.net"}, {"name": "A"}, {"name": "A", "email": "x"})
    ] == [400] * 3
    status, made = ask("POST", "/v1/contacts", {"name": "Ann", "email": "ann@shop.net", "metadata": {"a": 1}})

    assert (status, set(made)) == (201, {"id", "name", "email", "tags", "created_at"})
    assert ask("GET", "/v1/contacts", q="ANN@")[1]["contacts"] == [made]
    assert ask("GET", "/v1/contacts", q="bob")[1]["contacts"] == []


def test_only_admin_deletes_contacts(fake, ask):
    made = ask("POST", "/v1/contacts", {"name": "Ann", "email": "ann@shop.net"})[1]["id"]

    assert ask("DELETE", f"/v1/contacts/{made}")[0] == 403
    assert ask("DELETE", f"/v1/contacts/{made}", key=fake.admin_key) == (200, {"deleted": True})
    assert ask("DELETE", f"/v1/contacts/{made}", key=fake.admin_key)[0] == 404


def test_mode_goes_down_without_and_up_only_with_a_code(fake, ask, box):
    down = ask("PATCH", box, {"oversight_mode": "gated_send"}, key=fake.admin_key)
    up = ask("PATCH", box, {"oversight_mode": "autonomous"}, key=fake.admin_key)
    asked = ask("POST", f"{box}/request-upgrade", {"target_mode": "autonomous"})
    wrong = ask("POST", f"{box}/upgrade", {"code": "A7X-000"})
    code = fake.world.operator_inbox[-1][1]
    right = ask("POST", f"{box}/upgrade", {"code": code})
    again = ask("POST", f"{box}/upgrade", {"code": code})

    assert (down, up[0], asked, wrong[0]) == (
        (200, {"status": "updated"}),
        400,
        (200, {"status": "upgrade_requested"}),
        403,
    )
    assert (right, again[0]) == ((200, {"status": "upgraded"}), 404)
    assert ask("GET", "/v1/mailboxes")[1]["mailboxes"][0]["oversight_mode"] == "autonomous"


def test_upgrades_are_asked_for_three_times_an_hour_at_most(fake, ask, box):
    statuses = [ask("POST", f"{box}/request-upgrade", {"target_mode": "autonomous"})[0] for _ in range(4)]
    fake.advance(hours=1)
    statuses.append(ask("POST", f"{box}/request-upgrade", {"target_mode": "autonomous"})[0])

    assert statuses == [200, 200, 200, 429, 200]
    assert ask("POST", f"{box}/request-upgrade", {"target_mode": "monitored"})[0] == 400


def test_disclosure_cannot_be_switched_off(fake, ask, box):
    assert ask("PATCH", box, {"ai_disclosure": False}, key=fake.admin_key)[0] == 400


def test_new_mailbox_needs_the_operators_code_and_starts_gated(fake, ask):
    body = {"address_local": "returns"}
    statuses = [ask("POST", "/v1/mailboxes", body, key=fake.admin_key)[0] for _ in range(2)]
    code = fake.world.operator_inbox[-1][1]
    statuses += [
        ask("POST", "/v1/mailboxes", body | {"approval_code": given}, key=fake.admin_key)[0]
        for given in ("C00", code, code)
    ]

    assert statuses == [202, 429, 403, 201, 409]
    assert ask("GET", "/v1/mailboxes")[1]["mailboxes"][1]["oversight_mode"] == "gated_send"


# ---- webhooks --------------------------------------------------------------------------------------------------------


def subscribed(fake, ask, url, events=("message.sent", "message.delivered", "message.bounced")):
    body = {"url": url, "events": list(events)}
    first = ask("POST", "/v1/webhooks", body, key=fake.admin_key)
    code = fake.world.operator_inbox[-1][1]
    return first[0], ask("POST", "/v1/webhooks", body | {"approval_code": code}, key=fake.admin_key)


def test_subscription_takes_a_code_and_shows_its_secret_once_more_on_demand(fake, ask):
    first, (status, made) = subscribed(fake, ask, "https://shop.net/hooks")

    assert (first, status) == (202, 201)
    assert made["signing_secret"].startswith("whsec_")
    assert "signing_secret" not in ask("GET", "/v1/webhooks", key=fake.admin_key)[1]["subscriptions"][0]
    assert ask("GET", f"/v1/webhooks/{made['id']}", key=fake.admin_key)[1] == made
    assert ask("DELETE", f"/v1/webhooks/{made['id']}", key=fake.admin_key) == (200, {"status": "deleted"})


@pytest.mark.parametrize("url", ["http://shop.net/", "", None, "http://10.0.0.1/"])
def test_subscription_is_https_only(fake, ask, url):
    assert ask("POST", "/v1/webhooks", {"url": url, "events": ["message.sent"]}, key=fake.admin_key)[0] == 400


def knock(head):
    head, _, body = head.partition(b"\r\n\r\n")
    names = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return names[b"X-MultiMail-Signature"].decode(), body


def test_webhook_is_signed_over_its_raw_body_with_the_whole_secret(fake, ask, send):
    with Peer(lambda line: line.sendall(reply())) as shop:
        _, (_, made) = subscribed(fake, ask, f"{shop.url}/hooks")
        send()
        fake.scan()
        fake.deliver(fake.outbound()[0].id)

        fake.send_webhooks()

    signature, body = knock(shop.heads[0])
    expected = hmac.new(made["signing_secret"].encode(), body, hashlib.sha256).hexdigest()
    events = [json.loads(knock(head)[1]) for head in shop.heads]
    assert signature == f"sha256={expected}"
    assert [event["event"] for event in events] == ["message.sent", "message.delivered"]
    assert events[0]["data"]["email_id"] == fake.outbound()[0].id


def test_webhooks_can_be_unkind(fake, ask, send):
    fake.switches.vocabulary = "email"
    with Peer(lambda line: line.sendall(reply())) as shop:
        _, (_, made) = subscribed(fake, ask, f"{shop.url}/hooks")
        send()
        fake.scan()
        fake.bounce(fake.outbound()[0].id)

        fake.send_webhooks(twice=True, backwards=True, forged=True)

    signature, body = knock(shop.heads[0])
    assert [json.loads(knock(head)[1])["event"] for head in shop.heads] == ["email.bounced", "email.sent"] * 2
    assert signature != "sha256=" + hmac.new(made["signing_secret"].encode(), body, hashlib.sha256).hexdigest()
    assert "ann@shop.net" in fake.world.suppressed


def test_webhook_that_fails_is_tried_four_times_and_shown(fake, ask, send):
    with Peer(lambda line: line.sendall(reply("500 No"))) as shop:
        subscribed(fake, ask, f"{shop.url}/hooks")
        send()
        fake.scan()

        fake.send_webhooks()

    (row,) = ask("GET", "/v1/webhook-deliveries", key=fake.admin_key)[1]["deliveries"]
    assert (row["status"], row["attempts"], row["response_status"], len(shop.heads)) == ("failed", 4, 500, 4)


# ---- the simple dialect, troubles, reset -----------------------------------------------------------------------------

SIMPLE = {
    "from": "orders@shop.net",
    "to": "ann@shop.net",
    "subject": "Order 1",
    "text_body": "Thanks",
    "html_body": "<p>Thanks",
}


def test_simple_send_exists_only_where_it_is_switched_on(fake, ask):
    before = ask("POST", "/v1/send", SIMPLE)[0]
    fake.switches.simple = True
    status, body = ask("POST", "/v1/send", SIMPLE | {"idempotency_key": "k"})
    fake.scan()

    (mail,) = fake.sent()
    assert (before, status, body["id"]) == (404, 202, mail.id)
    assert (mail.sender, mail.markdown, mail.html) == ("orders@shop.net", "Thanks", "<p>Thanks")


@pytest.mark.parametrize(
    "changes", [{"to": ["ann@shop.net"]}, {"from": ""}, {"text_body": ""}, {"subject": 1}, {"html_body": 1}]
)
def test_simple_send_is_validated(fake, ask, changes):
    fake.switches.simple = True

    assert ask("POST", "/v1/send", SIMPLE | changes)[0] == 400


@pytest.mark.parametrize("honours", [True, False])
def test_simple_send_may_or_may_not_know_the_key(fake, ask, honours):
    fake.switches.simple, fake.switches.simple_honours_key = True, honours

    statuses = [ask("POST", "/v1/send", SIMPLE | {"idempotency_key": "k"})[0] for _ in range(2)]

    assert statuses == ([202, 200] if honours else [202, 202])


@pytest.mark.parametrize(
    ("trouble", "taken"),
    [(Trouble(503), 0), (Trouble(503, acts=True), 1), (Trouble(hangs_up=True), 0), (Trouble(acts=True, hangs_up=True), 1)],
)
def test_trouble_comes_once_and_before_or_after_the_effect(fake, send, trouble, taken):
    fake.next(trouble)

    if trouble.hangs_up:
        with pytest.raises(NoAnswer):
            send()
    else:
        assert send()[0] == 503

    assert len(fake.outbound()) == taken
    assert send(subject="2")[0] == 202


def test_reset_forgets_everything(fake, send):
    fake.set_mode("read_only")
    send()

    fake.reset()

    assert fake.asks == []
    assert (send()[0], len(fake.outbound())) == (202, 1)


def test_clock_without_a_start_is_the_real_one():
    with FakeMultiMail() as running:
        assert abs(running.now() - datetime.now(UTC)) < timedelta(seconds=5)
