"""What can go wrong with HubSpot, each in words for the operator: what, why, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_KEYS = "Settings → Integrations → Service keys in HubSpot"


class HubSpotError(RuntimeError):
    """A call to HubSpot, or a whole sync, can't go on; the message says why and what to do next."""


class NoToken(HubSpotError):
    """No token is set."""

    def __init__(self) -> None:
        super().__init__(f"TIERBOT_HUBSPOT_TOKEN is not set: make a service key under {_KEYS}, and set it")


class NoMapping(HubSpotError):
    """No mapping is given."""

    def __init__(self) -> None:
        super().__init__(
            "no mapping says what the portal's records are: give --map FILE or set TIERBOT_HUBSPOT_MAP. tierbot sync "
            "hubspot --discover --to mapping.toml proposes one"
        )


class InvalidToken(HubSpotError):
    """HubSpot doesn't accept the token (401)."""

    def __init__(self) -> None:
        super().__init__(
            "HubSpot refuses the token (401): TIERBOT_HUBSPOT_TOKEN is wrong, expired or was rotated. "
            f"Copy the key from {_KEYS}, and set it"
        )


class MissingScope(HubSpotError):
    """The token may not read an object type (403)."""

    def __init__(self, what: str, scopes: Sequence[str]) -> None:
        self.scopes = tuple(scopes)
        named = " or ".join(scopes) or "one that HubSpot doesn't name"
        super().__init__(f"HubSpot doesn't let this token read {what} (403): add the scope {named} under {_KEYS}")


class UnknownObjectType(HubSpotError):
    """The portal has no such object type, as a portal without partner objects."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this HubSpot portal has no {what}: take them out of the mapping")


class Refused(HubSpotError):
    """HubSpot refuses the request itself (another 4xx), which trying again won't change."""

    def __init__(self, status: int, what: str, message: str) -> None:
        self.status = status
        why = f": {message}" if message else ""
        super().__init__(
            f"HubSpot refuses to give {what} ({status}){why}. Check the mapping with tierbot sync hubspot --discover"
        )


class RateLimited(HubSpotError):
    """HubSpot asks to wait for so many seconds (429), under one of its policies; `daily` is the day's."""

    def __init__(self, seconds: float, policy: str, *, daily: bool) -> None:
        self.seconds, self.policy, self.daily = seconds, policy, daily
        super().__init__(
            f"HubSpot's rate limit is reached ({policy}): it asks to wait {seconds:,.0f} seconds. "
            "Run tierbot sync hubspot again then; it goes on where it stopped"
        )


class TryLater(HubSpotError):
    """HubSpot is to be left alone `until` a moment; `is_hubspots` where that is its own wish."""

    def __init__(self, why: str, until: datetime, *, is_hubspots: bool = True) -> None:
        self.until, self.is_hubspots = until, is_hubspots
        when = f"{until:%Y-%m-%d %H:%M} UTC"
        super().__init__(f"{why}. Run tierbot sync hubspot after {when}: it goes on where it stopped")


class BudgetSpent(TryLater):
    """The day's calls are used up: HubSpot's own, or our share of them. `until` is when there are new ones."""

    def __init__(self, used: int, limit: int | None, until: datetime, *, is_hubspots: bool) -> None:
        of = f"{used:,} of {limit:,}" if limit is not None else f"{used:,}"
        super().__init__(
            f"today's HubSpot calls are used up ({of} that are ours; --share gives a sync more of the portal's)",
            until,
            is_hubspots=is_hubspots,
        )


class Unreachable(HubSpotError):
    """HubSpot can't be reached, breaks off or fails (5xx), however often it is tried."""

    def __init__(self, what: str, why: str) -> None:
        self.cause = f"HubSpot doesn't give {what}: {why}"
        super().__init__(f"{self.cause}. Try again later: a sync goes on where it stopped")


class InvalidPage(HubSpotError):
    """A page is cut off, isn't in HubSpot's form, or contradicts itself or the pages before it."""

    def __init__(self, what: str, why: str) -> None:
        self.cause = f"HubSpot's answer about {what} can't be right: {why}"
        super().__init__(
            f"{self.cause}. Nothing of it was taken over; run tierbot sync hubspot again, and report it to HubSpot "
            "with the time if it stays"
        )


def refusal(status: int, what: str, scope: str, body: Mapping[str, Any]) -> HubSpotError:
    """The error of an answer with a 4xx status other than 429, from its body."""
    message = str(body.get("message") or "")[:200]
    if status == 401:
        return InvalidToken()
    if status == 403:
        return MissingScope(what, _scopes_in(body) or (scope,))
    if status == 404 or "infer object type" in message:
        return UnknownObjectType(what)
    return Refused(status, what, message)


def _scopes_in(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes that HubSpot says are missing."""
    errors = body.get("errors")
    details = [body, *(each for each in (errors if isinstance(errors, list) else ()) if isinstance(each, dict))]
    for context in (each.get("context") for each in details):
        if isinstance(context, dict):
            found = context.get("requiredGranularScopes") or context.get("missingScopes") or ()
            if found and isinstance(found, list):
                return tuple(map(str, found))
    return ()
