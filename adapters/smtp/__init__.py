"""An SMTP server as a postman: one relay, one connection, letters one after another."""

from typing import Protocol

from adapters.smtp.posting import SmtpPostman
from adapters.smtp.relay import parse_url


class SmtpSettings(Protocol):
    """What this postman needs to know."""

    @property
    def smtp_url(self) -> str: ...


def postman(settings: SmtpSettings) -> SmtpPostman:
    """The postman of `smtp_url`; connects when the first letter comes. Raises BadSetting."""
    return SmtpPostman(parse_url(settings.smtp_url))
