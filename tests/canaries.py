"""Secrets that can be recognised: planted where secrets belong, and looked for in whatever is told to anybody."""

PLANTED: dict[str, str] = {
    "SECRET_KEY": "canary-secret-key-6f1d0c9b8a7e5f4d3c2b1a",
    "ENCRYPTION_KEYS": "canary-ring-first-0123456789abcdef0123456,canary-ring-second-fedcba9876543210fedcba",
    "SHOPIFY_API_SECRET": "shpss_canary_newest_11112222",
    "SHOPIFY_API_SECRET_PREVIOUS": "shpss_canary_previous_33334444",
    "SMTP_URL": "smtp://canary-user:canary-smtp-password@127.0.0.1:9",
    "MULTIMAIL_API_KEY": "mm_live_canary_key_55556666",
    "DATABASE_URL": "postgresql://app:canary-database-password@127.0.0.1:9/commerce",
    "store": "whsec_Y2FuYXJ5LXN0b3JlLXNlY3JldA",
    "access": "shpat_canary_access_77778888",
    "refresh": "shprt_canary_refresh_99990000",
}

PIECES: tuple[str, ...] = (
    *(each for name in PLANTED if not name.endswith("_URL") for each in PLANTED[name].split(",")),
    "canary-user",
    "canary-smtp-password",
    "canary-database-password",
    # The secrets that other tests work with are secrets too.
    "a test's secret, long enough to be one",
    "shpss_the_secret_of_tests",
    "a key of the tests, long enough to be one",
)


def told_in(text: str) -> list[str]:
    """The secrets that stand in this text, in plain, hex or as JSON writes them."""
    return [piece for piece in PIECES if piece in text or piece.encode().hex() in text]
