"""The steps of a scenario: what may happen, with its day. Each stands for entries that an import could bring."""

from dataclasses import dataclass
from datetime import date, timedelta

from tiercore.facts.entries import DealType, Motion
from tiercore.facts.money import Money

NEW_CLIENT = ""  # as `client_id` of a sale: a client that isn't on file yet


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client that isn't on file, by its name; `country` is None for the partner's own."""

    name: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Sell:
    """A sale of `mrr`. Without a `deal_type` it is an upsell of a line that pays, a cross-sell to a client that is on
    file, and net-new to any other. With NEW_CLIENT it is to `new_client`, None for one that has no name.
    """

    client_id: str
    product_line: str
    motion: Motion
    mrr: Money
    sold_on: date
    deal_type: DealType | None = None
    account: str | None = None
    new_client: NewClient | None = None


@dataclass(frozen=True, slots=True)
class Lose:
    """All of the client's lines are cancelled from `on` on."""

    client_id: str
    on: date


@dataclass(frozen=True, slots=True)
class Downgrade:
    """The client's line pays `mrr` at most from `on` on, in total; zero cancels it."""

    client_id: str
    product_line: str
    mrr: Money
    on: date
    account: str | None = None


@dataclass(frozen=True, slots=True)
class EndAgreement:
    """The partner's agreements with the client end; `ends_on` is the last day that counts."""

    client_id: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class ExtendAgreement:
    """The partner's last agreement with the client ends on `ends_on` (None: it stays open). Where none is in force on
    `on` or later, another one begins then.
    """

    client_id: str
    ends_on: date | None
    on: date


@dataclass(frozen=True, slots=True)
class RenewCertification:
    """A certification is valid from `valid_from` through `valid_until`."""

    certification: str
    valid_from: date
    valid_until: date


Step = Sell | Lose | Downgrade | EndAgreement | ExtendAgreement | RenewCertification


def first_day(step: Step) -> date:
    """The first day on which the step may change a balance."""
    match step:
        case Sell():
            return step.sold_on
        case EndAgreement():
            return step.ends_on + timedelta(days=1)
        case RenewCertification():
            return step.valid_from
        case _:
            return step.on


def client_of(step: Step) -> str | None:
    """The ID of the client that the step is about; None for a certification, NEW_CLIENT for one that isn't on file."""
    return None if isinstance(step, RenewCertification) else step.client_id
