from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import BadSetting
from lifecycle.settings import VARIABLES, Settings, from_environment

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
SECRET_ROWS = [row.name for row in VARIABLES if row.secret]


def test_nothing_set_gives_the_defaults():
    settings = from_environment({})

    assert settings == Settings(
        database_url="sqlite:///instance/multimail-commerce.db",
        public_url="http://127.0.0.1:8000",
        postman="outbox",
        outbox_dir=Path("instance/outbox"),
        multimail_api_url="https://api.multimail.dev",
        multimail_dialect="mailbox",
        host="127.0.0.1",
        port=8000,
    )


def test_every_default_in_the_table_is_what_the_settings_begin_with():
    settings = from_environment({})

    for row in VARIABLES:
        if row.default:
            assert getattr(settings, row.field) == row.read(row.default), row.name


def test_everything_set_is_read():
    settings = from_environment(
        {
            "DATABASE_URL": "postgresql://app:pw@db.internal/commerce",
            "SECRET_KEY": KEY,
            "PUBLIC_URL": "https://mail.example.com/",
            "SHOPIFY_API_KEY": "abc",
            "SHOPIFY_API_SECRET": "new\n",
            "SHOPIFY_API_SECRET_PREVIOUS": "old",
            "POSTMAN": "SMTP",
            "SMTP_URL": "smtps://user:p%40ss@mail.example.com:465",
            "OUTBOX_DIR": "/var/outbox",
            "PORT": "9000",
            "HOST": "::1",
            "LOG_LEVEL": "DEBUG",
        }
    )

    assert settings.public_url == "https://mail.example.com"
    assert settings.shopify_secrets == ("new", "old")
    assert (settings.postman, settings.outbox_dir, settings.port) == ("smtp", Path("/var/outbox"), 9000)
    assert (settings.host, settings.log_level) == ("::1", "debug")
    assert not settings.is_local


@pytest.mark.parametrize(
    ("env", "named", "said"),
    [
        ({"POSTMAN": "pigeon"}, "POSTMAN", "outbox, smtp, multimail"),
        (
            {"POSTMAN": "multimail", "MULTIMAIL_API_KEY": "k", "MULTIMAIL_DIALECT": "old"},
            "MULTIMAIL_DIALECT",
            "mailbox, simple",
        ),
        ({"POSTMAN": "smtp"}, "SMTP_URL", "missing"),
        ({"POSTMAN": "multimail"}, "MULTIMAIL_API_KEY", "missing"),
        ({"SHOPIFY_API_SECRET_PREVIOUS": "old"}, "SHOPIFY_API_SECRET", "missing"),
        ({"PUBLIC_URL": "https://mail.example.com"}, "SECRET_KEY", "missing"),
        ({"PUBLIC_URL": "https://mail.example.com", "SECRET_KEY": "x7" * 8}, "SECRET_KEY", "at least 32"),
        ({"SECRET_KEY": "changeme" * 5}, "SECRET_KEY", "well-known"),
        ({"ENCRYPTION_KEYS": f"{KEY},short-one"}, "ENCRYPTION_KEYS", "at least 32"),
        ({"ENCRYPTION_KEYS": f"{KEY},{'changeme' * 5}"}, "ENCRYPTION_KEYS", "well-known"),
        ({"ENCRYPTION_KEYS": " , "}, "ENCRYPTION_KEYS", "at least 32"),
        ({"ENCRYPTION_KEYS": KEY, "PUBLIC_URL": "https://mail.example.com"}, "SECRET_KEY", "missing"),
        ({"SECRET_KEY": "a" * 40}, "SECRET_KEY", "repeated"),
        ({"PUBLIC_URL": "mail.example.com"}, "PUBLIC_URL", "https://"),
        ({"PUBLIC_URL": "https://mail.example.com/?a=b"}, "PUBLIC_URL", "«?»"),
        ({"PUBLIC_URL": "http://[::1"}, "PUBLIC_URL", "no URL"),
        ({"DATABASE_URL": "mysql://db/commerce"}, "DATABASE_URL", "sqlite:///"),
        ({"DATABASE_URL": "instance/app.db"}, "DATABASE_URL", "sqlite:///"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL", "file"),
        ({"SMTP_URL": "http://mail.example.com"}, "SMTP_URL", "smtp://"),
        ({"SMTP_URL": "smtp://mail.example.com:99999"}, "SMTP_URL", "no URL"),
        ({"SMTP_URL": "smtp://u:p/w@mail.example.com"}, "SMTP_URL", "no URL"),
        ({"SMTP_URL": "smtp://mail.example.com?starttls=never"}, "SMTP_URL", "private network"),
        ({"SMTP_URL": "smtp://relay?starttls=maybe"}, "SMTP_URL", "?starttls=never"),
        ({"SMTP_URL": "smtps://relay?starttls=never"}, "SMTP_URL", "?starttls=never"),
        ({"MULTIMAIL_API_URL": "http://api.example.com"}, "MULTIMAIL_API_URL", "https://"),
        ({"MULTIMAIL_API_KEY": "mm_live_a\nb"}, "MULTIMAIL_API_KEY", "without blanks"),
        ({"PORT": "0"}, "PORT", "65535"),
        ({"PORT": "eighty"}, "PORT", "65535"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL", "debug, info"),
    ],
)
def test_wrong_value_is_one_line_that_names_the_variable_and_an_example(env, named, said):
    with pytest.raises(BadSetting) as wrong:
        from_environment(env)

    line = str(wrong.value)
    assert line.startswith(f"{named} ")
    assert said in line
    assert f"Example: {named}=" in line
    assert "\n" not in line


def test_keys_of_the_ring_are_in_the_order_given():
    settings = from_environment({"ENCRYPTION_KEYS": f" {KEY[::-1]} ,{KEY},"})

    assert settings.encryption_keys == (KEY[::-1], KEY)
    assert KEY not in repr(settings)


@pytest.mark.parametrize("host", ["relay", "10.0.0.3", "[::1]", "mail.internal", "127.0.0.1:2525"])
def test_private_relay_may_go_without_starttls(host):
    assert from_environment({"SMTP_URL": f"smtp://{host}?starttls=never"}).smtp_url


@pytest.mark.parametrize("dialect", ["simple", "mailbox"])
def test_mailbox_may_be_each_stores_own_or_none(dialect):
    env = {"POSTMAN": "multimail", "MULTIMAIL_API_KEY": "k", "MULTIMAIL_DIALECT": dialect}

    assert from_environment(env).multimail_mailbox_id == ""


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.9", "http://[::1]:80", "http://app.localhost"])
def test_this_machine_needs_no_secret_key(url):
    assert from_environment({"PUBLIC_URL": url}).is_local


@given(st.sampled_from(VARIABLES), st.text(max_size=80))
def test_any_text_is_read_or_refused_without_repeating_it(row, text):
    try:
        from_environment({row.name: text})
    except BadSetting as wrong:
        said = str(wrong).replace(row.example, "")
    else:
        return

    assert any(name in said for name in (row.name, "SECRET_KEY", "SMTP_URL", "MULTIMAIL_API_KEY"))
    assert len(text.strip()) < 12 or text.strip() not in said


@given(st.from_regex(r"[A-Za-z0-9]{12,40}", fullmatch=True))
def test_secrets_stand_in_no_repr_and_no_error(secret):
    env = {"SECRET_KEY": f"{secret}-{KEY}", "SHOPIFY_API_SECRET": secret, "SMTP_URL": f"smtp://u:{secret}@mail.example.com"}
    env |= {"MULTIMAIL_API_KEY": secret, "DATABASE_URL": f"postgresql://u:{secret}@db/x"}

    assert secret not in repr(from_environment(env))
    for name in SECRET_ROWS:
        with pytest.raises(BadSetting) as wrong:
            from_environment(env | {name: f"\x00{secret} {secret}", "PUBLIC_URL": "nonsense"})
        assert secret not in str(wrong.value)
