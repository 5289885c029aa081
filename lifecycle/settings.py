"""Settings: what an operator decides by environment variables, read once at start and never guessed at.

VARIABLES drives the parsing, `doctor` and the README's configuration table. A wrong value is one line: the variable's
name, what is wrong, an example. The value itself is never repeated: it may be a secret or hold one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from lifecycle.errors import BadSetting

POSTMEN = ("outbox", "smtp", "multimail")
DIALECTS = ("mailbox", "simple")
LOG_LEVELS = ("debug", "info", "warning", "error")
KEY_LENGTH = 32

_KNOWN_KEYS = ("changeme", "secret", "default", "example", "password", "development", "insecure", "yoursecretkey")
_DATABASES = ("sqlite", "postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `shopify_secrets` newest first; an empty `secret_key` (loopback only) is filled in by `wsgi`."""

    database_url: str = field(default="sqlite:///instance/multimail-commerce.db", repr=False)
    secret_key: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    shopify_api_key: str = ""
    shopify_secrets: tuple[str, ...] = field(default=(), repr=False)
    postman: str = "outbox"
    outbox_dir: Path = Path("instance/outbox")
    smtp_url: str = field(default="", repr=False)
    multimail_api_url: str = "https://api.multimail.dev"
    multimail_api_key: str = field(default="", repr=False)
    multimail_mailbox_id: str = ""
    multimail_dialect: str = "mailbox"
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "info"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches us, by PUBLIC_URL."""
        return is_loopback(urlsplit(self.public_url).hostname or "")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: `read` gives its value or raises ValueError with what is wrong. Empty counts as not set."""

    name: str
    field: str
    what: str
    example: str
    read: Callable[[str], Any]
    default: str = ""
    secret: bool = False


def is_loopback(host: str) -> bool:
    """Whether this host name or address is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_private(host: str) -> bool:
    """A host that only a private network reaches: by its address, by having no dot, or by a name reserved for that."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".internal", ".local", ".lan", ".home.arpa"))


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if not text.isprintable() or " " in text or port == 0:
        raise ValueError("is no URL")
    return parts


def _word(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be plain ASCII without blanks")
    return text


def _secret_key(text: str) -> str:
    bare = "".join(letter for letter in text.casefold() if letter.isalnum())
    if len(set(text)) < 2 or any(bare.startswith(known) and len(set(bare)) < 16 for known in _KNOWN_KEYS):
        raise ValueError("is a well-known or repeated word, so anybody can guess it")
    return text


def _key_ring(text: str) -> tuple[str, ...]:
    keys = tuple(_secret_key(each.strip()) for each in text.split(",") if each.strip())
    if not keys or min(map(len, keys)) < KEY_LENGTH:
        raise ValueError(f"has a key that is too short: each needs at least {KEY_LENGTH} characters")
    return keys


def _database(text: str) -> str:
    scheme, found, rest = text.partition("://")
    if not found or scheme.partition("+")[0] not in _DATABASES or not text.isprintable():
        raise ValueError("must be a sqlite:/// or postgresql:// URL")
    if scheme == "sqlite" and rest in {"", "/", "/:memory:"}:
        raise ValueError("must name a file: the server and the worker share it")
    return text


def _public(text: str) -> str:
    parts = _parts(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must begin with https:// (or http:// on this machine) and name a host")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be an address without user name, «?» or «#»")
    return text.rstrip("/")


def _api(text: str) -> str:
    kept = _public(text)
    parts = _parts(kept)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https://: the key travels with every call")
    return kept


def _smtp(text: str) -> str:
    parts = _parts(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must begin with smtp:// or smtps:// and name a host")
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("has a path or «#»; a password's / ? # @ : are written %2F %3F %23 %40 %3A")
    asked = parse_qs(parts.query, keep_blank_values=True)
    if asked and (list(asked) != ["starttls"] or asked["starttls"] != ["never"] or parts.scheme != "smtp"):
        raise ValueError("has an unknown option; the only one is ?starttls=never, for smtp://")
    if asked and not _is_private(parts.hostname):
        raise ValueError("switches STARTTLS off for a host that is not on a private network")
    return text


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text.lower()

    return read


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        raise ValueError("must be a number from 1 to 65535")
    return int(text)


def _folder(text: str) -> Path:
    if not text.isprintable():
        raise ValueError("is no path")
    return Path(text)


VARIABLES: tuple[Variable, ...] = (
    Variable("DATABASE_URL", "database_url", "where everything is kept: SQLite or PostgreSQL",
             "postgresql://app:password@db.internal/commerce", _database, "sqlite:///instance/multimail-commerce.db", secret=True),
    Variable("SECRET_KEY", "secret_key", "signs links and page keys; at least 32 characters; made and kept under instance/ on this machine",
             "the output of: python -c 'import secrets; print(secrets.token_hex(32))'", _secret_key, secret=True),
    Variable("ENCRYPTION_KEYS", "encryption_keys", "seal stores' secrets and accesses: the first seals, all open; comma-separated; else SECRET_KEY does",
             "the newest key,the key before it", _key_ring, secret=True),
    Variable("PUBLIC_URL", "public_url", "the address under which the world reaches this installation",
             "https://mail.example.com", _public, "http://127.0.0.1:8000"),
    Variable("SHOPIFY_API_KEY", "shopify_api_key", "the Shopify app's client id", "0123456789abcdef0123456789abcdef", _word),
    Variable("SHOPIFY_API_SECRET", "shopify_secrets", "the Shopify app's secret: signs Shopify's webhooks",
             "shpss_…", _word, secret=True),
    Variable("SHOPIFY_API_SECRET_PREVIOUS", "shopify_secrets", "the secret before the last rotation, while both are in use",
             "shpss_…", _word, secret=True),
    Variable("POSTMAN", "postman", "who hands letters over: outbox (a folder), smtp, multimail", "smtp", _one_of(POSTMEN), "outbox"),
    Variable("OUTBOX_DIR", "outbox_dir", "the folder of .eml files for POSTMAN=outbox", "instance/outbox", _folder, "instance/outbox"),
    Variable("SMTP_URL", "smtp_url", "the mail server for POSTMAN=smtp; ?starttls=never only for a private relay",
             "smtp://user:password@mail.example.com:587", _smtp, secret=True),
    Variable("MULTIMAIL_API_URL", "multimail_api_url", "MultiMail's API", "https://api.multimail.dev", _api, "https://api.multimail.dev"),
    Variable("MULTIMAIL_API_KEY", "multimail_api_key", "MultiMail's key, with the send scope and without the oversight scope",
             "mm_live_…", _word, secret=True),
    Variable("MULTIMAIL_MAILBOX_ID", "multimail_mailbox_id", "the mailbox of stores that have none of their own (not for the simple dialect)",
             "the id that `multimail-commerce mailbox` shows", _word),
    Variable("MULTIMAIL_DIALECT", "multimail_dialect", "mailbox (/v1/mailboxes/…/send) or simple (/v1/send)",
             "mailbox", _one_of(DIALECTS), "mailbox"),
    Variable("HOST", "host", "the address that `serve` listens on", "0.0.0.0", _word, "127.0.0.1"),  # noqa: S104 - an example for containers
    Variable("PORT", "port", "the port that `serve` listens on", "8000", _port, "8000"),
    Variable("LOG_LEVEL", "log_level", "how much is logged: debug, info, warning, error", "info", _one_of(LOG_LEVELS), "info"),
)  # fmt: skip

_BY_NAME = {row.name: row for row in VARIABLES}


def bad(name: str, wrong: str) -> BadSetting:
    """The error for one variable: its name, what is wrong, an example; never its value."""
    return BadSetting("bad_setting", f"{name} {wrong}. Example: {name}={_BY_NAME[name].example}")


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings that these variables say, defaults for the others. Raises BadSetting for the first wrong or missing one."""
    values: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for row in VARIABLES:
        text = env.get(row.name, "").strip()
        if not text:
            continue
        try:
            value = row.read(text)
        except ValueError as wrong:
            raise bad(row.name, str(wrong)) from None
        if row.field == "shopify_secrets":
            secrets[row.name] = value
        else:
            values[row.field] = value
    if secrets and "SHOPIFY_API_SECRET" not in secrets:
        raise bad("SHOPIFY_API_SECRET", "is missing while SHOPIFY_API_SECRET_PREVIOUS is set: put the newest secret there")
    settings = Settings(**values, shopify_secrets=tuple(dict.fromkeys(secrets.values())))
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    """Raises BadSetting for variables that need one another."""
    if not settings.is_local and len(settings.secret_key) < KEY_LENGTH:
        state = "is too short" if settings.secret_key else "is missing"
        raise bad("SECRET_KEY", f"{state}: it needs at least {KEY_LENGTH} characters when PUBLIC_URL is not this machine")
    if settings.postman == "smtp" and not settings.smtp_url:
        raise bad("SMTP_URL", "is missing, but POSTMAN is smtp")
    if settings.postman == "multimail" and not settings.multimail_api_key:
        raise bad("MULTIMAIL_API_KEY", "is missing, but POSTMAN is multimail")
