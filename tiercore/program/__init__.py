"""The program's rules as dated data: every value has the day it applies from, its source and its confidence.

The TOML tables in this folder contain only public values; an operator's own table overrides and extends them.
"""

from tiercore.program.catalogue import Catalogue, ProductLine
from tiercore.program.entered import Entered, with_entered
from tiercore.program.loader import load_program
from tiercore.program.mistakes import Mistake, ProgramError, UnknownRule, UnknownTier
from tiercore.program.parameter import Confidence, Dated, Entry, Parameter, Value
from tiercore.program.program import Program
from tiercore.program.rules import (
    UNTIERED,
    AwardRules,
    Minimum,
    MinimumSource,
    Model,
    RetentionCounts,
    Rules,
    TierRules,
)
from tiercore.program.unset import Ended, Unset, ended_values, template, unset_rules

__all__ = [
    "UNTIERED",
    "AwardRules",
    "Catalogue",
    "Confidence",
    "Dated",
    "Ended",
    "Entered",
    "Entry",
    "Minimum",
    "MinimumSource",
    "Mistake",
    "Model",
    "Parameter",
    "ProductLine",
    "Program",
    "ProgramError",
    "RetentionCounts",
    "Rules",
    "TierRules",
    "UnknownRule",
    "UnknownTier",
    "Unset",
    "Value",
    "ended_values",
    "load_program",
    "template",
    "unset_rules",
    "with_entered",
]
