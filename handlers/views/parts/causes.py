"""What opened or closed a credit, in words."""

from tiercore.rating.credits import Cause

_HAPPENS = {
    Cause.SALE: "sale",
    Cause.UPSELL: "upsell",
    Cause.AGREEMENT_STARTED: "agreement begins",
    Cause.SUBSCRIPTION_ROSE: "subscription rises",
    Cause.SALE_EXPIRED: "sale is 12 months old",
    Cause.AGREEMENT_ENDED: "agreement ends",
    Cause.DOWNGRADE: "downgrade",
    Cause.CANCELLATION: "cancellation",
    Cause.CURRENCY_CHANGED: "subscription goes on in another currency",
    Cause.SHARE_CHANGED: "shared with another partner",
    Cause.RULE_CHANGED: "rules change",
}
# Where these close a credit, another one of the same client begins on that day.
GOES_ON = frozenset({Cause.SUBSCRIPTION_ROSE, Cause.SHARE_CHANGED, Cause.RULE_CHANGED, Cause.CURRENCY_CHANGED})
_HAPPENED = {
    Cause.SALE: "sale",
    Cause.UPSELL: "upsell",
    Cause.AGREEMENT_STARTED: "agreement started",
    Cause.SUBSCRIPTION_ROSE: "subscription rose",
    Cause.CURRENCY_CHANGED: "subscription in another currency",
    Cause.SHARE_CHANGED: "share changed",
    Cause.RULE_CHANGED: "rules changed",
    Cause.SALE_EXPIRED: "sale aged out",
    Cause.DOWNGRADE: "downgrade",
    Cause.CANCELLATION: "cancellation",
    Cause.AGREEMENT_ENDED: "agreement ended",
}


def cause(of: Cause) -> str:
    """The cause of something to come, or that lasts."""
    return _HAPPENS[of]


def happened(of: Cause) -> str:
    """The cause of something that is over."""
    return _HAPPENED[of]
