"""Open modals and published Home tabs, with the hash that protects them from lost updates."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.playground.local_slack.copies import copied
from bot.playground.local_slack.errors import ApiError

Json = dict[str, Any]
MAX_STACKED = 3


@dataclass(slots=True)
class View:
    """A view as Slack stores it."""

    view_id: str
    user_id: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None

    @property
    def is_home(self) -> bool:
        """Whether it is a Home tab."""
        return self.body.get("type") == "home"


class ViewStore:
    """Views by id, and by user id their stack of modals and their Home tab."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def open(self, user_id: str, body: Json) -> View:
        """Open a modal in place of any open ones. Raises ApiError: duplicate_external_id."""
        self._require_free(body)
        self.close_all(user_id)
        return self._stack(user_id, body)

    def push(self, user_id: str, body: Json) -> View:
        """Push a modal on top of the open ones. Raises ApiError: push_limit_reached, duplicate_external_id."""
        self._require_free(body)
        if len(self.stacks.get(user_id, ())) >= MAX_STACKED:
            raise ApiError("push_limit_reached")
        return self._stack(user_id, body)

    def _stack(self, user_id: str, body: Json) -> View:
        stack = self.stacks.setdefault(user_id, [])
        view = _new_view(user_id, body)
        view.root_id = stack[0].view_id if stack else view.view_id
        view.previous_id = stack[-1].view_id if stack else None
        stack.append(view)
        self.views[view.view_id] = view
        return view

    def find(self, view_id: object = None, external_id: object = None) -> View:
        """An open view. Raises ApiError: not_found."""
        for each in self.views.values():
            if each.view_id == view_id or (external_id and each.body.get("external_id") == external_id):
                return each
        raise ApiError("not_found")

    def update(self, view: View, body: Json, given_hash: object = None) -> View:
        """Replace a view's body. Raises ApiError: hash_conflict where it was updated in the meantime."""
        if given_hash and given_hash != view.hash:
            raise ApiError("hash_conflict")
        view.body, view.hash = copied(body), _new_hash()
        return view

    def publish(self, user_id: str, body: Json, given_hash: object = None) -> View:
        """Publish a user's Home tab. Raises ApiError: hash_conflict."""
        view = self.homes.get(user_id)
        if view is not None:
            return self.update(view, body, given_hash)
        view = self.homes[user_id] = _new_view(user_id, body)
        self.views[view.view_id] = view
        return view

    def close(self, view: View) -> None:
        """Close a modal; the one below it is visible again."""
        self.views.pop(view.view_id, None)
        stack = self.stacks.get(view.user_id, [])
        if view in stack:
            stack.remove(view)

    def close_all(self, user_id: str) -> None:
        """Close all of a user's modals."""
        for view in list(self.stacks.get(user_id, ())):
            self.close(view)

    def _require_free(self, body: Json) -> None:
        external_id = body.get("external_id")
        if external_id and any(each.body.get("external_id") == external_id for each in self.views.values()):
            raise ApiError("duplicate_external_id")


def _new_view(user_id: str, body: Json) -> View:
    view_id = f"V{secrets.token_hex(5).upper()}"
    return View(view_id, user_id, copied(body), _new_hash(), view_id)


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
