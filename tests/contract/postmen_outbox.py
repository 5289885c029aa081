"""The folder in the postmen's contract."""

from adapters.outbox.posting import OutboxPostman
from tests.contract.posted import of_bytes


def open(tmp):  # noqa: A001 - the contract's word
    postman = OutboxPostman(tmp / "outbox")
    return postman, lambda: [of_bytes(file.read_bytes()) for file in sorted((tmp / "outbox").glob("*.eml"))]
