"""The one view for deliveries: raw bytes → probe? → address → verify → remember → answer.

A 2xx is given only after the row is committed. What is not authentic leaves nothing but a count.
"""

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import ClientDisconnected

from lifecycle.chores import plan_catch_up
from lifecycle.deliveries import Envelope
from lifecycle.errors import HouseError, MemoryUnavailable, NotAuthentic, Unaddressed, Unreadable
from lifecycle.intake import begun
from lifecycle.ports import Platform, RawRequest, Rooms
from lifecycle.stores import Store
from webhooks import answers
from webhooks.answers import Answer

LARGEST_BODY = 8 * 1024 * 1024


def blueprint(rooms: Rooms) -> Blueprint:
    """`POST /webhooks/<platform>` and `POST /webhooks/<platform>/<token>`, for every platform there is."""
    doors = Blueprint("webhooks", __name__)
    # Platforms that were turned away because the memory was: once one gets through, what it lost is fetched.
    missed: set[str] = set()

    @doors.post("/webhooks/<platform>")
    @doors.post("/webhooks/<platform>/<token>")
    def receive(platform: str, token: str = "") -> Response:
        answer = _answer(rooms, platform, token, request, missed)
        headers = {"Retry-After": str(answer.retry_after_s)} if answer.retry_after_s else None
        return Response(status=answer.status, headers=headers, content_type="text/plain; charset=utf-8")

    return doors


def _answer(rooms: Rooms, name: str, token: str, request: Request, missed: set[str]) -> Answer:
    platform = rooms.platforms.get(name)
    if platform is None:
        return answers.NOT_HERE
    try:
        body = _body(request)
    except Exception:  # noqa: BLE001 - every server has errors of its own for a body that breaks off or is framed wrongly
        return answers.SHORT
    if body is None:
        return answers.TOO_LARGE
    raw = RawRequest({key.lower(): value for key, value in request.headers.items()}, body, token)
    try:
        return _receive(rooms, platform, raw, missed)
    except MemoryUnavailable:
        missed.add(name)
        return answers.BUSY


def _body(request: Request) -> bytes | None:
    """Every byte as sent; None when there are more than LARGEST_BODY, announced or not (a chunked body announces nothing)."""
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    body = request.stream.read(LARGEST_BODY + 1)
    if request.content_length is not None and len(body) < request.content_length:
        raise ClientDisconnected
    return body if len(body) <= LARGEST_BODY else None


def _receive(rooms: Rooms, platform: Platform, raw: RawRequest, missed: set[str]) -> Answer:
    envelope, store = _whose(rooms, platform, raw)
    if raw.token and store is None:
        return answers.NOT_HERE
    if platform.is_probe(raw):
        return answers.PROBE
    now = rooms.clock.now()
    claimed = envelope or Envelope(platform.name, raw.token, "", "")
    try:
        platform.verify(raw, platform.secrets(claimed, store), now)
    except NotAuthentic as refusal:
        return _counted(rooms, f"refused_{refusal.reason}", platform, store, answers.REFUSED)
    except Unreadable:
        pass  # truly signed: kept like every other, and quarantined where its body is read
    if envelope is None:
        return _counted(rooms, "unaddressed", platform, store, answers.UNADDRESSED)
    if store is None:
        return _counted(rooms, "strangers", platform, None, answers.STRANGER)
    with rooms.records.transaction() as tx:
        new = tx.deliveries.remember(begun(platform, store, envelope, raw.body, now))
        if platform.name in missed:
            plan_catch_up(tx, platform.name, now)
    missed.discard(platform.name)
    return answers.KEPT if new else answers.REPEATED


def _whose(rooms: Rooms, platform: Platform, raw: RawRequest) -> tuple[Envelope | None, Store | None]:
    """The claimed envelope and the store it names: by the path's token where there is one, else by the platform's own key."""
    try:
        envelope = platform.address(raw)
    except Unaddressed:
        envelope = None
    if envelope is None and not raw.token:
        return None, None
    with rooms.records.reading() as tx:
        if raw.token:
            return envelope, tx.stores.by_token(platform.name, raw.token)
        return envelope, tx.stores.by_key(platform.name, envelope.store_key) if envelope else None


def _counted(rooms: Rooms, name: str, platform: Platform, store: Store | None, answer: Answer) -> Answer:
    """Count it; a memory that is away must not turn a refusal into an invitation to come back."""
    try:
        with rooms.records.transaction() as tx:
            tx.counters.bump(name, store.id if store else platform.name)
    except HouseError:
        return answer
    return answer
