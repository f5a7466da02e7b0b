"""What the API refuses, in the form of HubSpot's errors."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A call that HubSpot refuses: the status, category and message of its answer."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        retry_after: int | None = None,
        policy: str = "",
        errors: Sequence[Json] = (),
        context: Mapping[str, list[str]] | None = None,
        sub_category: str = "",
    ) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.retry_after, self.policy = retry_after, policy
        self.errors, self.context, self.sub_category = tuple(errors), dict(context or {}), sub_category

    def body(self, correlation_id: str) -> Json:
        """The answer's body."""
        body: Json = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "category": self.category,
        }
        if self.policy:
            body |= {"errorType": "RATE_LIMIT", "policyName": self.policy, "requestId": str(uuid.uuid4())}
        if self.errors:
            body["errors"] = list(self.errors)
        if self.context:
            body["context"] = self.context
        if self.sub_category:
            body["subCategory"] = self.sub_category
        return body


def invalid(message: str, **context: list[str]) -> ApiError:
    """400: the request is not valid."""
    return ApiError(400, "VALIDATION_ERROR", message, context=context)


def not_found(message: str = "resource not found") -> ApiError:
    """404: there is no such record or path."""
    return ApiError(404, "OBJECT_NOT_FOUND", message)


def unauthenticated(message: str, category: str = "INVALID_AUTHENTICATION") -> ApiError:
    """401: no credential, or one that isn't valid any more."""
    return ApiError(401, category, message)


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    """403: the credential lacks a scope."""
    why = "This app hasn't been granted all required scopes to make this call."
    detail = {
        "message": f"One or more of the following scopes are required: [{', '.join(scopes)}].",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    return ApiError(403, "MISSING_SCOPES", why, errors=[detail])


def rate_limited(policy: str, retry_after: int) -> ApiError:
    """429: a limit is reached; `policy` such as TEN_SECONDLY_ROLLING names it."""
    message = f"You have reached your {policy.lower()} limit."
    return ApiError(429, "RATE_LIMITS", message, retry_after=retry_after, policy=policy)
