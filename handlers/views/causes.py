"""What opened or closed a credit, in words."""

from tiercore.credits import Cause

_WORDS = {
    Cause.SALE: "sale",
    Cause.UPSELL: "upsell",
    Cause.AGREEMENT_STARTED: "agreement begins",
    Cause.SUBSCRIPTION_ROSE: "subscription rises",
    Cause.AGED_OUT: "sale is 12 months old",
    Cause.AGREEMENT_ENDED: "agreement ends",
    Cause.DOWNGRADE: "downgrade",
    Cause.CANCELLATION: "cancellation",
    Cause.CURRENCY_CHANGED: "subscription goes on in another currency",
    Cause.SHARE_CHANGED: "shared with another partner",
    Cause.RULE_CHANGED: "rules change",
}


def cause(of: Cause) -> str:
    """The cause as people say it."""
    return _WORDS[of]
