"""What Slack's refusals mean for an outbox message (slack#refusals)."""

from bot.slack.errors import SlackFailure
from scheduler.poster import Faulty, HistoryUnavailable, Rejected, RetryLater, SearchLimited, Unconfirmed
from tiercore.notifications.fault import Fault, Stops

_PROXY_SECONDS = 30.0
_PROXY_STATUSES = frozenset({403, 407})  # from a proxy that didn't pass the request on
# Slack's words for a failure of its own, after which it may have taken the message all the same.
_UNCONFIRMED_WORDS = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_RETRY_WORDS = {"message_limit_exceeded": 60.0, "team_access_not_granted": 300.0}
_HISTORY_WORDS = frozenset(
    {"missing_scope", "not_in_channel", "no_permission", "access_denied", "method_not_supported"}
)
# The operator's to mend, for everything that is sent: the token, the installation, the network that Slack is reached
# from.
_OPERATORS_WORDS = frozenset(
    {
        *("token_revoked", "token_expired", "invalid_auth", "not_authed", "account_inactive", "not_allowed_token_type"),
        *("org_login_required", "two_factor_setup_required", "enterprise_is_restricted", "ekm_access_denied"),
        *("accesslimited", "access_denied", "deprecated_endpoint", "method_deprecated", "app_uninstalled"),
    }
)
# The operator's or an administrator's to mend, for some messages.
_PERMISSION_WORDS = frozenset({"missing_scope", "no_permission", "restricted_action"})
# The people of a channel mend these.
CHANNELS_WORDS = frozenset(
    {
        *("not_in_channel", "is_archived", "channel_not_found", "restricted_action_read_only_channel"),
        *("restricted_action_thread_only_channel", "restricted_action_non_threadable_channel"),
        "restricted_action_thread_locked",
    }
)


def exception_for(failure: SlackFailure, target: str, *, reading: bool, idempotent: bool) -> Exception:
    """Only Slack's own "ok": false is a refusal; after any other answer Slack may have taken the message.

    `reading` is for a history, `idempotent` for a call that can safely be repeated.
    """
    if failure.is_rate_limit or failure.word in _RETRY_WORDS:
        default = _RETRY_WORDS.get(failure.word, 1.0)
        after = failure.retry_after if failure.retry_after is not None else default
        limited = SearchLimited if reading and failure.is_rate_limit else RetryLater
        return limited(failure.word or "ratelimited", after)
    if reading and failure.word in _HISTORY_WORDS:
        return HistoryUnavailable(f"the history can't be read: {failure.reason}")
    if failure.word and not failure.is_server_error and failure.word not in _UNCONFIRMED_WORDS:
        fault = _fault(failure, target)
        return Faulty(fault) if fault else Rejected(failure.word)
    if idempotent or failure.status in _PROXY_STATUSES:
        return RetryLater(failure.reason, _PROXY_SECONDS)
    return Unconfirmed(failure.reason)


def _fault(failure: SlackFailure, target: str) -> Fault | None:
    """What somebody has to mend, None where nothing can be."""
    if failure.word in _OPERATORS_WORDS:
        return Fault(Stops.WORKSPACE, failure.reason)
    if failure.word in _PERMISSION_WORDS:
        return Fault(Stops.MESSAGE, failure.reason)
    if failure.word in CHANNELS_WORDS and not target.startswith(("U", "W")):
        return Fault(Stops.TARGET, failure.word)
    return None
