"""The helper library of the Socius workbench: loads and checks the exports, computes the figures.

What a researcher types in a notebook is here; `socius_lib.show` has tables and figures for reading.
"""

from socius_lib.api import (
    figure,
    has_table,
    load_figures,
    load_history,
    load_reconciliation,
    load_survey,
    load_table,
    load_targets,
    load_unavailable,
    years,
)
from socius_lib.errors import MissingTable, SociusError
from socius_lib.reach import count_reach, request_outcome, way_of_reach

__all__ = [
    "MissingTable",
    "SociusError",
    "count_reach",
    "figure",
    "has_table",
    "load_figures",
    "load_history",
    "load_reconciliation",
    "load_survey",
    "load_table",
    "load_targets",
    "load_unavailable",
    "request_outcome",
    "way_of_reach",
    "years",
]
