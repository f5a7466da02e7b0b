"""Which of a portal's pipelines hold sales, and which stages of them count (data#hubspot)."""

from collections.abc import Sequence

from bot.hubspot.schema import Pipeline, PortalSchema, Stage
from tiercore.ingest.mapping.synonyms import STAGES
from tiercore.ingest.mapping.texts import plain

_HUBSPOTS_OWN = "default"  # the pipeline that every portal begins with
_SALES = ("sales", "deals", "new business", "vertrieb", "verkauf", "ventas", "ventes", "vendas", "vendite")
_LEVELS = ("subscription", "mrr", "level", "renewal", "abonnement", "suscripci", "assinatura", "abbonament")
Staged = tuple[Pipeline, Stage]


class Pipelines:
    """The pipelines in which deals are won: those of `sales`, those whose names speak of subscription `levels`, and
    `others`, of which neither is sure. A single one is of sales, whatever it is called.
    """

    def __init__(self, schema: PortalSchema) -> None:
        self._all = schema.pipelines
        self.winning = [each for each in self._all if any(map(is_won, each.stages))]
        self.levels = [each for each in self.winning if len(self.winning) > 1 and _speaks_of(each, _LEVELS)]
        rest = [each for each in self.winning if each not in self.levels]
        self.sales = [each for each in rest if len(rest) == 1 or _is_of_sales(each)]
        self.others = [each for each in rest if each not in self.sales]

    @property
    def stages(self) -> tuple[list[Staged], list[Staged], list[Staged]]:
        """The stages that count, those of deals that aren't closed in the pipelines of sales, and the others."""
        found = [(pipeline, stage) for pipeline in self._all for stage in pipeline.stages]
        won = [each for each in found if is_won(each[1])]
        still_open = [each for each in found if each[0] in self.sales and is_open(each[1])]
        return won, still_open, [each for each in found if each not in won and each not in still_open]

    def without(self, chosen: Sequence[Pipeline]) -> list[Pipeline]:
        """All pipelines but these."""
        return [each for each in self._all if each not in chosen]


def is_open(stage: Stage) -> bool:
    """Whether a deal in the stage is neither won nor lost, by its probability; without one that isn't known."""
    return stage.probability is not None and 0 < stage.probability < 1


def is_won(stage: Stage) -> bool:
    """Whether a deal in the stage is won: by its probability, or where it has none by its name."""
    return stage.probability == 1 if stage.probability is not None else STAGES.get(plain(stage.label)) == "count"


def _is_of_sales(pipeline: Pipeline) -> bool:
    return pipeline.pipeline_id == _HUBSPOTS_OWN or _speaks_of(pipeline, _SALES)


def _speaks_of(pipeline: Pipeline, words: Sequence[str]) -> bool:
    return any(word in plain(pipeline.label) for word in words)
