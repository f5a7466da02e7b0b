"""Reading a portal's records page by page, all of them or what has changed (data#hubspot)."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.hubspot.answers import Answer, Json, NotInForm, read_associations, read_batch, read_page
from bot.hubspot.client import HubSpotClient, Request
from bot.hubspot.errors import InvalidPage
from bot.hubspot.object_types import OBJECT_TYPES, VERSION, ObjectType
from bot.hubspot.schema import Pipeline, Property, read_pipelines, read_properties
from tiercore.ingest.staging.types import START, Cursor, Page, RawRecord

LIST_LIMIT, SEARCH_LIMIT, BATCH_LIMIT = 100, 200, 100  # records a call, HubSpot's own
_LONGEST_QUERY = 4_000  # characters of property names; a list's properties are in its address
_SINCE = "hs_lastmodifieddate"
_MS = 1_000


class HubSpotReader:
    """The records of one portal. Every method may raise HubSpotError."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client

    async def properties(self, of: ObjectType) -> list[Property]:
        """The portal's properties of an object type, with the values of enumerations."""
        return await self._client.send(Request(of.properties, f"properties of {of.words}", of.scope), read_properties)

    async def pipelines(self, of: ObjectType) -> list[Pipeline]:
        """The portal's pipelines of an object type, with their stages."""
        return await self._client.send(Request(of.pipelines, f"pipelines of {of.words}", of.scope), read_pipelines)

    async def all_pages(self, of: ObjectType, properties: Sequence[str], start: Cursor = START) -> AsyncIterator[Page]:
        """All records, from the cursor on, with the properties named and what they are associated with."""
        cursor, seen = start, {start.after}
        while True:
            answer = await self._listed(of, properties, cursor, seen)
            records = await self._completed(of, answer)
            if not answer.after:
                yield Page(records, None)
                return
            seen.add(answer.after)
            cursor = Cursor(answer.after, read=cursor.read + answer.count)
            yield Page(records, cursor)

    async def changed_pages(
        self, of: ObjectType, properties: Sequence[str], since: datetime, start: Cursor = START
    ) -> AsyncIterator[Page]:
        """The records changed at or after a moment, from the cursor on, in the order of their ids.

        Each page is a search of its own, above the last id: pages counted by position lose a record where another one
        is deleted meanwhile, and end after 10,000.
        """
        cursor = start
        while True:
            answer = await self._searched(of, properties, since, cursor.above)
            records = await self._associated(of, answer.records)
            if not answer.after:
                yield Page(records, None)
                return
            cursor = Cursor(above=answer.records[-1].record_id, read=cursor.read + answer.count)
            yield Page(records, cursor)

    async def total(self, of: ObjectType) -> int:
        """How many records there are, as far as HubSpot's search has heard of them."""
        body = {"filterGroups": [], "sorts": [], "properties": ["hs_object_id"], "limit": 1, "after": "0"}
        request = Request(f"{of.objects}/search", of.words, of.scope, body=body)
        return (await self._client.send(request, read_page(of, 1))).total or 0

    async def associated(self, of: ObjectType, to: str, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """For each of the records, the ids of those of type `to` that it is associated with, the primary one first."""
        path = f"/crm/associations/{VERSION}/{of.path}/{OBJECT_TYPES[to].path}/batch/read"
        found: dict[str, list[str]] = {}
        waiting = [{"id": each} for each in ids]
        while waiting:
            inputs, waiting = waiting[:SEARCH_LIMIT], waiting[SEARCH_LIMIT:]
            asked = {each["id"] for each in inputs}
            request = Request(path, f"associations of {of.words}", of.scope, body={"inputs": inputs})
            some, more = await self._client.send(request, read_associations(asked))
            for record_id, others in some.items():
                found.setdefault(record_id, []).extend(others)
            if repeated := {each["id"] for each in inputs if more.get(each["id"]) == each.get("after", "")}:
                raise InvalidPage(request.what, f"the cursor of record {min(repeated)} repeats itself")
            waiting += [{"id": record_id, "after": after} for record_id, after in more.items()]
        return {record_id: tuple(dict.fromkeys(others)) for record_id, others in found.items()}

    async def _listed(self, of: ObjectType, properties: Sequence[str], cursor: Cursor, seen: set[str]) -> Answer:
        """A page of a list; with very many properties, they are read as a batch."""
        names = ",".join(properties)
        is_long = len(names) > _LONGEST_QUERY
        query = {"limit": str(LIST_LIMIT), "properties": "hs_object_id" if is_long else names}
        if of.associated:
            query["associations"] = ",".join(of.associated)
        if cursor.after:
            query["after"] = cursor.after
        request = Request(of.objects, of.words, of.scope, query)
        answer = await self._client.send(request, _never_twice(read_page(of, LIST_LIMIT), seen))
        return await self._with_properties(of, properties, answer) if is_long else answer

    async def _searched(self, of: ObjectType, properties: Sequence[str], since: datetime, above: str) -> Answer:
        filters = [{"propertyName": _SINCE, "operator": "GTE", "value": str(int(since.timestamp() * _MS))}]
        if above:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": above})
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": ["hs_object_id"],
            "properties": list(properties),
            "limit": SEARCH_LIMIT,
            "after": "0",
        }
        request = Request(f"{of.objects}/search", of.words, of.scope, body=body)
        return await self._client.send(request, _in_order(read_page(of, SEARCH_LIMIT), above))

    async def _with_properties(self, of: ObjectType, properties: Sequence[str], answer: Answer) -> Answer:
        """The same records with all of their properties; one that is gone by now is left out."""
        ids = [record.record_id for record in answer.records]
        if not ids:
            return answer
        inputs = [{"id": each} for each in ids]
        body = {"inputs": inputs, "properties": list(properties), "propertiesWithHistory": []}
        request = Request(f"{of.objects}/batch/read", of.words, of.scope, body=body)
        found = await self._client.send(request, read_batch(of, ids))
        records = [
            replace(found[record.record_id], associated=record.associated)
            for record in answer.records
            if record.record_id in found
        ]
        return replace(answer, records=tuple(records))

    async def _completed(self, of: ObjectType, answer: Answer) -> tuple[RawRecord, ...]:
        """The page's records; those with more associations than the page shows have all of them."""
        records = {record.record_id: record for record in answer.records}
        for to in of.associated:
            ids = [record_id for record_id, name in answer.cut if name == to and record_id in records]
            for record_id, others in (await self.associated(of, to, ids) if ids else {}).items():
                records[record_id] = _with(records[record_id], to, others)
        return tuple(records.values())

    async def _associated(self, of: ObjectType, found: Sequence[RawRecord]) -> tuple[RawRecord, ...]:
        """The records with what they are associated with, which a search doesn't say."""
        records = {record.record_id: record for record in found}
        for to in of.associated if records else ():
            for record_id, others in (await self.associated(of, to, list(records))).items():
                records[record_id] = _with(records[record_id], to, others)
        return tuple(records.values())


def _with(record: RawRecord, to: str, others: tuple[str, ...]) -> RawRecord:
    return replace(record, associated={**record.associated, to: others})


def _never_twice(read: Callable[[Json], Answer], seen: set[str]) -> Callable[[Json], Answer]:
    """Refuses a cursor that was given before: the pages would go round in a circle."""

    def checked(body: Json) -> Answer:
        answer = read(body)
        if answer.after and answer.after in seen:
            raise NotInForm(f"its cursor {answer.after[:40]!r} is one that was there before")
        return answer

    return checked


def _in_order(read: Callable[[Json], Answer], above: str) -> Callable[[Json], Answer]:
    """Refuses records that aren't in the order of their ids or not above the anchor, and a search that ends before all
    of its results were there.
    """

    def checked(body: Json) -> Answer:
        answer = read(body)
        ids = [int(above or 0), *(int(record.record_id) for record in answer.records)]
        if ids != sorted(set(ids)):
            raise NotInForm("its records aren't in the order of their ids")
        if answer.after and not answer.records:
            raise NotInForm("all of its records are archived, and it says that there are more")
        if not answer.after and answer.count < (answer.total or 0):
            raise NotInForm(f"it ends after {answer.count} of {answer.total} records")
        return answer

    return checked
