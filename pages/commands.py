"""The `multimail-commerce` command line: `build()` gives the root command, `terminal/` holds the commands."""

from collections.abc import Callable

import click

from lifecycle.house import House
from pages.terminal.approvals import approvals
from pages.terminal.checking import doctor
from pages.terminal.deliveries import deliveries
from pages.terminal.letters import letters
from pages.terminal.mailbox import mailbox
from pages.terminal.previewing import preview
from pages.terminal.privacy import privacy
from pages.terminal.running import demo, migrate, rotate_keys, serve, work
from pages.terminal.speaking import HouseGroup, Terminal, stdin_is_tty
from pages.terminal.stores import stores

COMMANDS: tuple[click.Command, ...] = (
    serve, work, migrate, rotate_keys, stores, deliveries, letters, approvals, preview, doctor, demo, mailbox, privacy,
)  # fmt: skip


def build(open_house: Callable[[], House], is_asked: Callable[[], bool] = stdin_is_tty) -> click.Group:
    """The command line of the house that `open_house` opens; it is opened only when a command needs it.

    `is_asked`: whether a person sits there who can answer a question.
    """

    @click.group(cls=HouseGroup, name="multimail-commerce", context_settings={"max_content_width": 100})
    @click.pass_context
    def root(ctx: click.Context) -> None:
        """A shop's webhooks in, checked letters to its customers out, under oversight."""
        ctx.obj = Terminal(open_house, is_asked)

    for command in COMMANDS:
        root.add_command(command)
    return root
