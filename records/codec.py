"""Nouns to stored text and back: JSON by msgspec, amounts as strings, times as RFC 3339, every text cleaned first."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from lifecycle.errors import HouseError
from lifecycle.events import FACT_KINDS, Fact
from lifecycle.orders import Fulfillment, Order

T = TypeVar("T")

# PostgreSQL refuses NUL in text and UTF-8 refuses lone surrogates; both come in JSON escapes of hostile or broken shops.
# They are replaced, not dropped, so that two different texts do not silently become one.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

FACTS: dict[str, type[Fact]] = {word: kind for kind, word in FACT_KINDS.items()}
_DECODERS: dict[str, msgspec.json.Decoder[Fact]] = {word: msgspec.json.Decoder(kind) for word, kind in FACTS.items()}


def clean(text: str) -> str:
    """The text as every database can keep it: NUL and lone surrogates become U+FFFD."""
    plain = str(text)
    return plain if plain.isascii() and "\x00" not in plain else _UNSTORABLE.sub(_REPLACEMENT, plain)


def pack(value: object) -> str:
    """A noun, or a tuple or mapping of them, as clean JSON text."""
    try:
        packed = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return pack(_cleaned(msgspec.to_builtins(value)))
    if rb"\u0000" in packed and (cleaned := _cleaned(built := msgspec.to_builtins(value))) != built:
        return pack(cleaned)
    return packed.decode()


def unpack(text: str, kind: type[T]) -> T:
    """What `pack` was given, as `kind`. Raises HouseError when the text is not one."""
    return _decoded(msgspec.json.Decoder(kind), text)


def unpack_fact(text: str, fact_kind: str) -> Fact:
    """The fact from its text and its word in FACT_KINDS. Raises HouseError when it is not one."""
    if fact_kind not in _DECODERS:
        raise _unreadable()
    return _decoded(_DECODERS[fact_kind], text)


def pack_before(before: Order | Fulfillment | None) -> str | None:
    """An earlier state with the word for its kind in front, None for none."""
    return None if before is None else pack((FACT_KINDS[type(before)], before))


def unpack_before(text: str | None) -> Order | Fulfillment | None:
    """What `pack_before` was given. Raises HouseError."""
    if text is None:
        return None
    word, body = unpack(text, tuple[str, msgspec.Raw])
    fact = unpack_fact(bytes(body).decode(), word)
    if not isinstance(fact, Order | Fulfillment):
        raise _unreadable()
    return fact


def _decoded(decoder: "msgspec.json.Decoder[T]", text: str) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, HouseError):
        raise _unreadable() from None


def _unreadable() -> HouseError:
    return HouseError(
        "unreadable_memory", "A row of the database does not hold what its schema says; it was changed from outside."
    )


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value
