"""The checks that don't need Slack: database, rules, file permissions."""

import stat
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from bot.doctor.finding import Finding, good, must, note
from bot.settings import Settings
from bot.wiring import NotReadyToRun, require_current_rating, require_schema
from tiercore.first_steps import Installation, Task, first_steps
from tiercore.nightly import LastVerified, last_verified
from tiercore.notifications import faults
from tiercore.notifications.fault import FaultCount, Stops
from tiercore.notifications.subscriptions import active
from tiercore.notifications.types import Subscription
from tiercore.people.enterprise import enterprises
from tiercore.people.installation import installation
from tiercore.program import Program, ProgramError, ended_values, load_program, unset_rules, with_entered
from tiercore.storage.engine import is_sqlite, reading
from tiercore.storage.rule_values import entered_in
from tiercore.storage.schema import NewerDatabase
from tiercore.storage.transactions import utc_now

_CONNECT_SECONDS = 5
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_only_engine(url: URL) -> Engine:
    """An engine that changes nothing, not even a SQLite file's journal mode."""
    if not is_sqlite(url):
        return create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS})
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    return engine


def load_rules(settings: Settings) -> tuple[Program | None, list[Finding]]:
    """The program, or None and what is wrong with its table."""
    try:
        return load_program(settings.program), []
    except ProgramError as error:
        remedy = "mend the table that TIERBOT_PROGRAM names"
        return None, [must(f"rules: {mistake}", remedy) for mistake in error.mistakes]


def with_stored(program: Program, url: URL) -> Program:
    """The program with the figures that people have entered into the database; as it is, where there is none that this
    version can read.
    """
    if is_sqlite(url) and not Path(url.database or "").exists():
        return program
    engine = read_only_engine(url)
    try:
        require_schema(engine)
        with reading(engine) as connection:
            return with_entered(program, entered_in(connection))
    except (NotReadyToRun, NewerDatabase):
        return program
    finally:
        engine.dispose()


def check_rules(program: Program, day: date) -> Iterator[Finding]:
    """The rules that aren't set on the day, with their lines for the table, and the operator's values that ended."""
    missing = unset_rules(program, day)
    label = f" ({program.label})" if program.label else ""
    if not any(each.decides for each in missing):
        yield good(f"rules: every threshold of {day} that decides about a tier is set{label}")
    for each in missing:
        found = f"rules: {each.path} is not set on {day}{'' if each.decides else ': no tier depends on it'}"
        remedy = f"{each.line} (tierbot rules --template)"
        yield must(found, remedy) if each.decides else note(found, remedy)
    for ended in ended_values(program, day):
        yield must(f"rules: {ended}", "tierbot rules --template writes the table")


def check_database(url: URL, program: Program | None) -> tuple[list[Finding], list[Subscription], dict[str, str]]:
    """Whether the database can be used as it is, the subscriptions in it, and which workspaces are of an enterprise."""
    shown = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    if is_sqlite(url) and not Path(url.database or "").exists():
        return [must(f"database: there is no {url.database} yet", "tierbot import FOLDER makes it")], [], {}
    engine = read_only_engine(url)
    try:
        require_schema(engine)
        found = [good(f"database: {shown} is reachable and at this version's revision")]
        if program is not None:
            require_current_rating(engine, program)
        with reading(engine) as connection:
            held = map(_held, faults.counts(connection))
            found = [*found, *_verified(last_verified(connection), utc_now()), *held]
            return found, active(connection), enterprises(connection)
    except (NotReadyToRun, NewerDatabase) as error:
        what, _, remedy = str(error).rpartition(": ")
        return [must(f"database: {what}", remedy)], [], {}
    except DatabaseError as error:
        why = str(error.orig).strip().splitlines()[0]
        return [must(f"database: {shown} can't be used: {why}", "check TIERBOT_DATABASE_URL")], [], {}
    finally:
        engine.dispose()


def _held(found: FaultCount) -> Finding:
    """What Slack refuses until somebody has mended something."""
    held = "1 message is held" if found.messages == 1 else f"{found.messages} messages are held"
    where = f" in {found.team_id}" if found.team_id else ""
    what = f"outbox: {held}{where}, because Slack refuses: {found.fault.word}"
    match found.fault.stops:
        case Stops.WORKSPACE:
            return must(what, "mend the bot token or the app's installation; they are sent then, in order")
        case Stops.MESSAGE:
            return must(what, "add what is missing under OAuth & Permissions and install the app again")
    return note(what, "type /invite @tierbot in the channel, or /digest off here to end them (tierbot outbox)")


def _verified(last: LastVerified | None, now: datetime) -> Iterator[Finding]:
    """Whether the stored figures were equal to what the entries give, when that was last looked at; else nothing."""
    if last is None:
        return
    if last.at is None:
        yield note(f"figures: not verified yet: {last.left_out}", "tierbot verify looks at all of them")
        return
    of = f"figures: verified on {last.at:%Y-%m-%d %H:%M} UTC for {last.partners:,} partner{'s'[: last.partners != 1]}"
    sold = f"{last.not_recounted:,} sold credit{'s'[: last.not_recounted != 1]}"
    apart = f", {sold} with deal-based credit not recounted" if last.not_recounted else ""
    if last.differences:
        yield must(
            f"{of}: {last.differences:,} differ{apart}", "tierbot verify names them, tierbot rebuild makes them again"
        )
    elif last.is_current(now):
        yield good(f"{of}: all equal{apart}")
    if not last.is_current(now):
        why = f": {last.left_out}" if last.left_out else ""
        yield note(f"figures: not verified since {last.at:%Y-%m-%d}{why}", "tierbot verify looks at all of them")


_REMEDIES = {
    Task.CONNECT: "type /tier in Slack: it says the tierbot link command that makes you the admin",
    Task.DATA: "drop a file in the messages with tierbot, or tierbot import FOLDER",
    Task.TABLE: "type /tier setup in Slack, or tierbot rules --template",
    Task.INVITE: "type /tier invite E-MAIL in Slack, or tierbot invite --all",
}


def check_first_steps(url: URL, program: Program, day: date) -> Iterator[Finding]:
    """What is left to set up, in order; nothing where all of it is done or there is no database yet."""
    if is_sqlite(url) and not Path(url.database or "").exists():
        steps = first_steps(Installation(thresholds_unset=_unset(program, day)))
    else:
        engine = read_only_engine(url)
        try:
            with reading(engine) as connection:
                steps = first_steps(installation(connection, _unset(program, day)))
        except DatabaseError:  # check_database says why
            return
        finally:
            engine.dispose()
    for at, each in enumerate(steps, 1):
        if not each.is_done:
            where = "next" if each.is_next else "open"
            yield note(f"first steps: {at} {each.title}: {each.state} ({where})", _REMEDIES[each.task])


def _unset(program: Program, day: date) -> int:
    return sum(each.decides for each in unset_rules(program, day))


def check_files(url: URL) -> Iterator[Finding]:
    """Whether other users of this machine can access private files."""
    files = [Path(".env")]
    if is_sqlite(url):
        files += [Path(f"{url.database}{ending}") for ending in ("", "-wal", "-shm", ".serving")]
    folders = [Path(".demo"), Path("backups")]
    existing = [
        *((path, "600") for path in files if path.is_file()),
        *((path, "700") for path in folders if path.is_dir()),
    ]
    open_to_others = [(path, private_mode) for path, private_mode in existing if path.stat().st_mode & _OTHERS]
    for path, private_mode in open_to_others:
        mode = oct(stat.S_IMODE(path.stat().st_mode))[2:]
        yield must(f"files: others on this machine can use {path} ({mode})", f"chmod {private_mode} {path}")
    if not open_to_others:
        names = ", ".join(str(path) for path, _ in existing)
        yield good(f"files: {names}: readable only by you" if names else "files: none here that others could read")
