"""The scopes that tierbot asks for: the purpose of each, and what doesn't work without it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope of the bot token. Without an `optional` one, everything else still works."""

    name: str
    purpose: str
    without: str
    optional: bool = False


_RECOVERY = "a digest that Slack gave no answer to waits for you (tierbot outbox)"

SCOPES = (
    Scope("commands", "the slash commands", "no command reaches tierbot"),
    Scope(
        "chat:write",
        "digests and alerts; requests to be linked and their decision; feedback; Home's answers where no window opens",
        "nothing can be posted: no digest, no alert, no request to be linked",
    ),
    Scope(
        "im:write", "the direct message that digests and alerts for a person go to", "no digest or alert for a person"
    ),
    Scope(
        "files:write",
        "a chart's picture where Slack can't draw the chart; a portfolio as a CSV file",
        "charts in windows are shown as numbers, and no CSV file arrives",
    ),
    Scope(
        "files:read",
        "the files that CAMs and admins drop in a direct message; whether that picture is ready to be shown",
        "files can't be imported from Slack, and charts in windows are shown as numbers",
    ),
    Scope(
        "im:history",
        "what people write to tierbot, files above all; with the two below, whether a message in doubt was posted, "
        "before it is sent again",
        f"files dropped in a direct message don't reach tierbot, and in direct messages, {_RECOVERY}",
    ),
    Scope("channels:history", "the same in public channels", f"in public channels, {_RECOVERY}", optional=True),
    Scope("groups:history", "the same in private channels", f"in private channels, {_RECOVERY}", optional=True),
    Scope(
        "channels:read",
        "with the one below: whether tierbot is in a channel, whether other organizations are, and who would see an "
        "answer that is shared there",
        "nothing is shared in public channels, and one that tierbot isn't in, or that becomes shared, is noticed late "
        "or not at all",
        optional=True,
    ),
    Scope(
        "groups:read",
        "the same in private channels",
        "nothing is shared in private channels, and one that tierbot isn't in, or that becomes shared, is noticed late "
        "or not at all",
        optional=True,
    ),
    Scope(
        "users:read",
        "time zone and deactivation of someone who subscribes, the enterprise of someone who clicks, and with "
        "users:read.email who asks to be linked",
        "digests are offered in UTC, deactivated people go on getting them, and clicks from another workspace of the "
        "enterprise are a stranger's",
        optional=True,
    ),
    Scope(
        "users:read.email",
        "the e-mail of someone who asks to be linked, as a suggestion",
        "people type their own e-mail to be linked, and nobody sees whether it is their profile's",
        optional=True,
    ),
)
