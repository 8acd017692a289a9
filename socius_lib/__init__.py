"""The helper library of the Socius workbench: loads and checks the exports, computes the figures.

What a researcher types in a notebook is here; `socius_lib.show` has tables and figures for reading.
Each name is imported when it is first asked for, so that a command that needs none starts at once.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "api": (
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
        "open_table",
        "tables",
        "years",
    ),
    "disclosure": (
        "Count",
        "CountPublic",
        "CountRows",
        "Mean",
        "Nps",
        "Ratio",
        "Registered",
        "Share",
        "Statistic",
        "Sum",
        "SumPublic",
        "register",
    ),
    "disclosure.shown": ("note_withheld", "show_bars", "show_registered", "write_value"),
    "errors": ("MissingTable", "SociusError"),
    "exploring": ("browse", "plot", "show_frame"),
    "links": ("cite",),
    "reach": (
        "count_activities",
        "count_reach",
        "request_outcome",
        "share_reach",
        "way_of_reach",
    ),
}
_WHERE = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_WHERE)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
