"""The helper library of the Socius workbench: loads and checks the exports, computes the figures.

What a researcher types in a notebook is here; `socius_lib.show` has tables and figures for reading.
"""

from socius_lib.api import (
    describe,
    figure,
    figures,
    figures_by,
    has_table,
    load_figures,
    load_figures_before,
    load_history,
    load_reconciliation,
    load_survey,
    load_table,
    load_targets,
    load_unavailable,
    open_table,
    tables,
    years,
)
from socius_lib.disclosure import (
    Count,
    CountPublic,
    CountRows,
    Mean,
    Nps,
    Ratio,
    Registered,
    Share,
    Statistic,
    Sum,
    SumPublic,
    register,
)
from socius_lib.disclosure.shown import note_withheld, show_bars, show_registered, write_value
from socius_lib.errors import MissingTable, SociusError
from socius_lib.exploring import browse, plot, show_frame
from socius_lib.links import cite
from socius_lib.reach import (
    count_activities,
    count_reach,
    request_outcome,
    share_reach,
    way_of_reach,
)

__all__ = [
    "Count",
    "CountPublic",
    "CountRows",
    "Mean",
    "MissingTable",
    "Nps",
    "Ratio",
    "Registered",
    "Share",
    "SociusError",
    "Statistic",
    "Sum",
    "SumPublic",
    "browse",
    "cite",
    "count_activities",
    "count_reach",
    "describe",
    "figure",
    "figures",
    "figures_by",
    "has_table",
    "load_figures",
    "load_figures_before",
    "load_history",
    "load_reconciliation",
    "load_survey",
    "load_table",
    "load_targets",
    "load_unavailable",
    "note_withheld",
    "open_table",
    "plot",
    "register",
    "request_outcome",
    "share_reach",
    "show_bars",
    "show_frame",
    "show_registered",
    "tables",
    "way_of_reach",
    "write_value",
    "years",
]
