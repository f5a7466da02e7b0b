"""What opened or closed a credit, in words for people."""

from tiercore.rating.credits import Cause

_HAPPENS = {
    Cause.SALE: "sale",
    Cause.UPSELL: "upsell",
    Cause.NET_UPSELL: "net upsell",
    Cause.PURCHASE: "purchase without a deal",
    Cause.AGREEMENT_STARTED: "agreement starts",
    Cause.SUBSCRIPTION_STARTED: "subscription starts",
    Cause.SUBSCRIPTION_ROSE: "subscription grows",
    Cause.SALE_EXPIRED: "12 months old",
    Cause.AGREEMENT_ENDED: "agreement ends",
    Cause.DOWNGRADE: "downgrade",
    Cause.CANCELLATION: "cancellation",
    Cause.CURRENCY_CHANGED: "subscription continues in another currency",
    Cause.EDITION_CHANGED: "edition changes",
    Cause.SHARE_CHANGED: "shared with another partner",
    Cause.RULE_CHANGED: "program rules change",
}
# A credit closed by one of these is followed by another one of the same client from that day on.
GOES_ON = frozenset(
    {
        Cause.SUBSCRIPTION_ROSE,
        Cause.SHARE_CHANGED,
        Cause.RULE_CHANGED,
        Cause.CURRENCY_CHANGED,
        Cause.EDITION_CHANGED,
    }
)
# Points are lost to these, and don't expire (glossary#facts-and-points).
LOSES = frozenset({Cause.DOWNGRADE, Cause.CANCELLATION})
_HAPPENED = {
    Cause.SALE: "sale",
    Cause.UPSELL: "upsell",
    Cause.NET_UPSELL: "net upsell",
    Cause.PURCHASE: "purchase without a deal",
    Cause.AGREEMENT_STARTED: "agreement started",
    Cause.SUBSCRIPTION_STARTED: "subscription started",
    Cause.SUBSCRIPTION_ROSE: "subscription grew",
    Cause.CURRENCY_CHANGED: "subscription moved to another currency",
    Cause.EDITION_CHANGED: "edition changed",
    Cause.SHARE_CHANGED: "sharing with another partner changed",
    Cause.RULE_CHANGED: "program rules changed",
    Cause.SALE_EXPIRED: "sale expired",
    Cause.DOWNGRADE: "downgrade",
    Cause.CANCELLATION: "cancellation",
    Cause.AGREEMENT_ENDED: "agreement ended",
}


def cause(of: Cause) -> str:
    """The cause of something in the future or the present."""
    return _HAPPENS[of]


def ending(of: Cause) -> str:
    """The cause for which points end: they expire, unless it says that they are lost or re-rated."""
    if of in LOSES:
        return f"lost: {cause(of)}"
    return f"re-rated: {cause(of)}" if of is Cause.RULE_CHANGED else cause(of)


def happened(of: Cause) -> str:
    """The cause of something in the past."""
    return _HAPPENED[of]
