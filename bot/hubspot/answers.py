"""HubSpot's answers, read strictly: what isn't in its form, or contradicts itself, is no partial success."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.hubspot.object_types import ObjectType
from tiercore.ingest.staging.types import RawRecord

Json = dict[str, Any]
_LONGEST_ID = 16  # digits
T = TypeVar("T")


class NotInForm(ValueError):
    """What is wrong with an answer."""


def strict(read: Callable[[Json], T]) -> Callable[[Json], T]:
    """Reads an answer of another form than HubSpot's, such as text in place of a list, as NotInForm."""

    def checked(body: Json) -> T:
        try:
            return read(body)
        except (AttributeError, KeyError, TypeError, OverflowError) as error:
            raise NotInForm(f"it isn't in HubSpot's form ({type(error).__name__})") from None

    return checked


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as HubSpot gives it: the records in its order, without the archived ones; HubSpot's cursor, "" after the
    last page; of how many records the page is made, and how many there are in all, where it says. `cut` has the
    associations of which there are more.
    """

    records: tuple[RawRecord, ...]
    after: str
    count: int
    total: int | None = None
    cut: frozenset[tuple[str, str]] = frozenset()


def read_page(of: ObjectType, limit: int) -> Callable[[Json], Answer]:
    """Reads a page of a list or a search with at most `limit` records. Raises NotInForm."""

    def read(body: Json) -> Answer:
        found = _list(body, "results")
        if len(found) > limit:
            raise NotInForm(f"it has {len(found)} records, and {limit} were asked for")
        after = _after(body)
        if after and not found:
            raise NotInForm("it has no records, and says that there are more")
        total = body.get("total")
        if total is not None and (not isinstance(total, int) or total < len(found)):
            raise NotInForm(f"it has {len(found)} records of {total} in all")
        kept: dict[str, RawRecord] = {}
        for each in found:
            record = _record(of, each)
            known = kept.get(record.record_id)
            if not _is_archived(each) and (known is None or known.updated_at <= record.updated_at):
                kept[record.record_id] = record
        return Answer(tuple(kept.values()), after, len(found), total, frozenset(_cut(found)))

    return strict(read)


def read_batch(of: ObjectType, ids: Iterable[str]) -> Callable[[Json], dict[str, RawRecord]]:
    """Reads the answer to a batch/read of these ids; records that are gone by now are left out. Raises NotInForm."""
    asked = frozenset(ids)

    def read(body: Json) -> dict[str, RawRecord]:
        if body.get("status") != "COMPLETE":
            raise NotInForm(f"the batch is {body.get('status')}")
        found = {record.record_id: record for record in (_record(of, each) for each in _list(body, "results"))}
        if strangers := found.keys() - asked:
            raise NotInForm(f"it has record {min(strangers)}, which wasn't asked for")
        return found

    return strict(read)


def read_associations(ids: Iterable[str]) -> Callable[[Json], tuple[dict[str, list[str]], dict[str, str]]]:
    """Reads a batch of associations: for each record the ids it is associated with, the primary one first, and for
    those that have more the cursor to go on with. Raises NotInForm.
    """
    asked = frozenset(ids)

    def read(body: Json) -> tuple[dict[str, list[str]], dict[str, str]]:
        if body.get("status") != "COMPLETE":
            raise NotInForm(f"the batch is {body.get('status')}")
        found: dict[str, list[str]] = {}
        more: dict[str, str] = {}
        for each in _list(body, "results"):
            from_id = _text(each.get("from") or {}, "id")
            if from_id not in asked:
                raise NotInForm(f"it has record {from_id}, which wasn't asked for")
            ordered = sorted(_list(each, "to"), key=lambda to: not _is_primary(to))
            found.setdefault(from_id, []).extend(_text(to, "toObjectId") for to in ordered)
            if after := _after(each):
                more[from_id] = after
        return found, more

    return strict(read)


def _record(of: ObjectType, found: Any) -> RawRecord:
    if not isinstance(found, dict) or not isinstance(found.get("properties"), dict):
        raise NotInForm("a record has no properties")
    record_id = _text(found, "id")
    if not record_id.isascii() or not record_id.isdigit() or len(record_id) > _LONGEST_ID:
        raise NotInForm(f"a record has the id {record_id[:40]!r}")
    properties = {name: None if value in (None, "") else str(value) for name, value in found["properties"].items()}
    if properties.get("hs_object_id", record_id) != record_id:
        raise NotInForm(f"record {record_id} says that it is {properties['hs_object_id']}")
    return RawRecord(record_id, properties, _moment(found), _associated(of, found.get("associations") or {}))


def _associated(of: ObjectType, found: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The ids by type. HubSpot calls line items "line items" here, and names an association once for each label."""
    associated = {}
    for key, each in found.items():
        name = key.replace(" ", "_")
        if name in of.associated:
            ordered = sorted(_list(each, "results"), key=lambda to: str(to.get("type", "")).endswith("_unlabeled"))
            associated[name] = tuple(dict.fromkeys(_text(to, "id") for to in ordered))
    return associated


def _cut(found: Sequence[Any]) -> Iterable[tuple[str, str]]:
    """The records and types of associations that have more than the page shows."""
    for record in found:
        for key, each in (record.get("associations") or {}).items():
            if _after(each):
                yield str(record["id"]), key.replace(" ", "_")


def _is_primary(to: Mapping[str, Any]) -> bool:
    return any(str(each.get("label")).lower() == "primary" for each in to.get("associationTypes") or ())


def _is_archived(found: Mapping[str, Any]) -> bool:
    return found.get("archived") is True


def _moment(found: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(found, "updatedAt"))
    except ValueError:
        raise NotInForm(f"record {found.get('id')} was updated at {found.get('updatedAt')!r}") from None
    if moment.tzinfo is None:
        raise NotInForm(f"record {found.get('id')} was updated at a time without a zone")
    return moment


def _after(found: Mapping[str, Any]) -> str:
    """The cursor of the next page, "" if there is none."""
    paging = found.get("paging") or {}
    following = paging.get("next") if isinstance(paging, dict) else None
    if not following:
        return ""
    return _text(following, "after")


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    if not isinstance(value, list):
        raise NotInForm(f"it has no list of {name}")
    return value


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise NotInForm(f"there is no {name}")
    return value
