"""What people type in Slack, one method each. Permissions are checked in the transaction that stores."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from tiercore.access import NotLinked, SlackUser
from tiercore.approvals.service import Deed
from tiercore.approvals.types import Proposal
from tiercore.facts.entries import Role
from tiercore.facts.typed import Decision
from tiercore.people.people import identity_by_email, identity_of
from tiercore.people.types import OPERATOR, Identity, InvalidChange, NotAllowed
from tiercore.program import Program
from tiercore.storage import typed_entries
from tiercore.storage.engine import FACTS_LOCK, Busy
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.storage.typed_entries import TypedEntry
from tiercore.typed import choosing, entering, matching
from tiercore.typed.checking import Checked, check, may_change, may_propose_change, names_in, require_some_right
from tiercore.typed.earning import earning
from tiercore.typed.proposed import read as read_proposed
from tiercore.typed.types import Choices, Draft, EntryLine, Kind, MatchToAsk, NoSuchEntry, Preview, Saved

LISTED = 20
_THE_OPERATOR = Identity(OPERATOR, "the operator", frozenset({Role.ADMIN}), frozenset(), frozenset())


class TypedEntries:
    """Entries typed in Slack, over one database and one program.

    Changes wait for an import without holding a thread. They raise NotLinked, NotAllowed, and InvalidChange: Rejected
    has an error for each wrong cell.
    """

    def __init__(self, engine: Engine, program: Program, moment: Callable[[], datetime] = utc_now) -> None:
        self._transactions = Transactions(engine, moment, FACTS_LOCK)
        self._program = program

    async def choices(self, user: SlackUser, today: date) -> Choices:
        """What the user may choose from."""
        read = self._transactions.read
        return await read(lambda db: choosing.choices(db, _person(db, user), self._program, today))

    async def form(self, user: SlackUser, draft: Draft, today: date) -> tuple[Choices, Mapping[str, str]]:
        """What the user may choose from for the draft, and the names of the IDs in it. Raises NotAllowed."""

        def read(db: Connection) -> tuple[Choices, Mapping[str, str]]:
            person = _person(db, user)
            require_some_right(person, draft)
            names = names_in(db, {"partner_id": draft.partner_id, **draft.cells}) if draft.cells else {}
            return choosing.choices(db, person, self._program, today), names

        return await self._transactions.read(read)

    async def search(self, user: SlackUser, what: str, text: str, today: date) -> list[tuple[str, str]]:
        """The IDs and names of the user's own clients, partners or agreements (`what`, a column) that fit the text."""
        return await self._transactions.read(lambda db: choosing.search(db, _person(db, user), what, text, today))

    async def preview(self, user: SlackUser, draft: Draft, today: date) -> Preview:
        """What would be stored and what it will earn. Writes nothing, and waits for nobody."""

        def preview(db: Connection) -> Preview:
            checked = check(db, self._program, _person(db, user), draft, today)
            return self._preview(db, checked, today)

        return await self._transactions.read(preview)

    async def save(self, user: SlackUser, draft: Draft, today: date) -> Saved:
        """Store it. The same draft again stores nothing."""
        return await self._transactions.write(lambda db, now: self._save(db, user, draft, now, today))

    async def add_admin(self, email: str, name: str, today: date) -> None:
        """Add an admin, as the operator. Raises InvalidChange."""
        await self._transactions.write(lambda db, now: add_admin(db, self._program, email, name, now, today))

    def _save(self, db: Connection, user: SlackUser, draft: Draft, now: datetime, today: date) -> Saved:
        person = _person(db, user)
        checked = check(db, self._program, person, draft, today)
        if not checked.direct:
            raise NotAllowed("Only a CAM, a CC or an admin can store this. You can propose it.")
        if checked.is_stored:
            entry_id = checked.former.entry_id if checked.former else ""
            return Saved(entry_id, self._preview(db, checked, today), is_new=False)
        entry = entering.store(db, self._program, checked, person, now, today)
        return Saved(entry.entry_id, self._preview(db, checked, today))

    def _preview(self, db: Connection, checked: Checked, today: date) -> Preview:
        draft = Draft(
            checked.draft.kind, checked.draft.partner_id, checked.cells, checked.draft.token, checked.draft.edits
        )
        names = names_in(db, {"partner_id": draft.partner_id, **checked.cells})
        earns = earning(db, self._program, checked.entry, draft.partner_id, today)
        return Preview(draft, names, earns, checked.warnings, checked.direct)

    async def entries(self, user: SlackUser) -> Sequence[EntryLine]:
        """The latest entries that the user typed and that hold, newest first."""

        def read(db: Connection) -> Sequence[EntryLine]:
            person = _person(db, user)
            found = typed_entries.typed_by(db, person.email, LISTED)
            own = [each for each in found if may_change(person, each) or may_propose_change(person, each)]
            return [_line(db, each, person) for each in own]

        return await self._transactions.read(read)

    async def of_client(self, user: SlackUser, client_id: str) -> Sequence[EntryLine]:
        """What was typed about the client and the user may change, or propose to."""

        def read(db: Connection) -> Sequence[EntryLine]:
            person = _person(db, user)
            found = (each for each in typed_entries.in_force(db) if each.client_id == client_id)
            own = [each for each in found if may_change(person, each) or may_propose_change(person, each)]
            return [_line(db, each, person) for each in own]

        return await self._transactions.read(read)

    async def draft_of(self, user: SlackUser, entry_id: str, token: str) -> Draft:
        """The entry as a draft, to be corrected. Raises NoSuchEntry."""

        def read(db: Connection) -> Draft:
            entry = self._theirs(db, user, entry_id)
            return Draft(entering.kind_of(entry), entry.partner_id, entry.cells, token, entry.entry_id)

        return await self._transactions.read(read)

    async def line_of(self, user: SlackUser, entry_id: str) -> EntryLine:
        """The entry in a few words. Raises NoSuchEntry."""

        def read(db: Connection) -> EntryLine:
            return _line(db, self._theirs(db, user, entry_id), _person(db, user))

        return await self._transactions.read(read)

    def _theirs(self, db: Connection, user: SlackUser, entry_id: str) -> TypedEntry:
        person, entry = _person(db, user), typed_entries.entry(db, entry_id)
        if entry is None or entry.ended or not (may_change(person, entry) or may_propose_change(person, entry)):
            raise NoSuchEntry
        return entry

    async def withdraw(self, user: SlackUser, entry_id: str, reason: str, today: date) -> EntryLine:
        """Take an entry back, for a reason that is kept."""

        def withdraw(db: Connection, now: datetime) -> EntryLine:
            person = _person(db, user)
            return _line(db, entering.withdraw(db, self._program, person, entry_id, reason, now, today), person)

        return await self._transactions.write(withdraw)

    def carry_out(self, today_is: Callable[[datetime], date]) -> Deed:
        """What carries out an approved proposal: checked again, in the transaction that approves it."""

        def carry_out(db: Connection, proposal: Proposal, now: datetime) -> None:
            proposed, approver = read_proposed(proposal.payload), proposal.decided_by or ""
            person, today = identity_by_email(db, proposal.proposed_by), today_is(now)
            if person is None:
                raise InvalidChange("Whoever proposed this is no longer in people.csv. Decline it.")
            if proposed.withdraws:
                args = proposed.withdraws, proposed.reason, now, today
                entering.withdraw(db, self._program, person, *args, approved_by=approver)
                return
            checked = check(db, self._program, person, proposed.draft, today)
            if checked.draft.partner_id != (proposal.partner_id or ""):
                raise InvalidChange("This is another partner's by now. Decline it.")
            if checked.is_stored:
                raise InvalidChange("This is stored already. Decline it.")
            entering.store(db, self._program, checked, person, now, today, approved_by=approver)

        return carry_out

    async def ask_about_matches(self) -> int:
        """Queue messages about rows that may be what someone typed; how many. Each is asked about once.

        While an import runs, nothing is done.
        """
        if not await self._transactions.read(lambda db: typed_entries.matches(db, untold=True)):
            return 0
        with suppress(Busy):
            return await self._transactions.write(matching.ask, patience=0)
        return 0

    async def match_for(self, user: SlackUser, match_id: str) -> tuple[MatchToAsk, bool] | None:
        """The two rows, and whether the user may decide; None for someone whom it doesn't concern."""

        def read(db: Connection) -> tuple[MatchToAsk, bool] | None:
            person = identity_of(db, user)
            return matching.shown_to(db, person, match_id) if person else None

        return await self._transactions.read(read)

    async def decide(self, user: SlackUser, match_id: str, decision: Decision, today: date) -> MatchToAsk:
        """Say which of two rows counts. Raises NoSuchEntry for someone whom it doesn't concern, InvalidChange."""

        def decide(db: Connection, now: datetime) -> MatchToAsk:
            person = _person(db, user)
            shown, match = matching.shown_to(db, person, match_id), typed_entries.match(db, match_id)
            if shown is None or match is None:
                raise NoSuchEntry
            asked, decides = shown
            if not decides:
                raise NotAllowed("Your CAM decides which of them counts. I've asked them.")
            entering.decide(db, self._program, person, match, decision, now, today)
            return asked

        return await self._transactions.write(decide)

    async def waiting(self) -> int:
        """How many rows wait because they may be what someone typed."""
        return len(await self._transactions.read(lambda db: typed_entries.matches(db, undecided=True)))


def add_admin(connection: Connection, program: Program, email: str, name: str, now: datetime, today: date) -> None:
    """Add an admin, as the operator. Raises InvalidChange."""
    draft = Draft(Kind.PERSON, "", {"email": email, "name": name, "role": Role.ADMIN.value}, "")
    checked = check(connection, program, _THE_OPERATOR, draft, today)
    if not checked.is_stored:
        entering.store(connection, program, checked, _THE_OPERATOR, now, today)


def _person(connection: Connection, user: SlackUser) -> Identity:
    """The person that the user is linked to. Raises NotLinked."""
    person = identity_of(connection, user)
    if person is None:
        raise NotLinked
    return person


def _line(connection: Connection, entry: TypedEntry, person: Identity) -> EntryLine:
    names, direct = names_in(connection, entry.cells), may_change(person, entry)
    return EntryLine(
        entry.entry_id,
        entering.kind_of(entry),
        entry.cells,
        names,
        entry.entered_name,
        entry.entered_at,
        entry.partner_id,
        direct,
    )
