"""What of the tables may leave, so that no person and no organisation can be worked out from them.

- `levels`: who may see what; the only thresholds.
- `measures`, `registration`: a table as a notebook makes it, with who is behind each value.
- `cells`: what is kept of a registered table.
- `primary`: values that may not be shown on their own account.
- `structure`, `complementary`: what must go with them, over all tables at once.
- `reading`, `audit`: whether what was written is safe, worked out anew.
- `ledger`: what left before, and who saw it.
"""

from socius_lib.disclosure.audit import Finding, audit, refuse
from socius_lib.disclosure.cells import COUNT, DISTINCT, TOTAL, WITHHELD, Table, read_tables
from socius_lib.disclosure.complementary import Plan, make_plan, safe_frame, write_plan
from socius_lib.disclosure.ledger import Audience, Ledger, Release, open_ledger, reader_key
from socius_lib.disclosure.levels import LEVELS, Level, level
from socius_lib.disclosure.measures import (
    Count,
    CountPublic,
    CountRows,
    Mean,
    Measure,
    Nps,
    Ratio,
    Share,
    Statistic,
    Sum,
    SumPublic,
)
from socius_lib.disclosure.primary import Flag
from socius_lib.disclosure.registration import (
    SHARE_PLAN,
    SHARE_TO,
    UNKNOWN,
    Registered,
    register,
)

__all__ = [
    "COUNT",
    "DISTINCT",
    "LEVELS",
    "SHARE_PLAN",
    "SHARE_TO",
    "TOTAL",
    "UNKNOWN",
    "WITHHELD",
    "Audience",
    "Count",
    "CountPublic",
    "CountRows",
    "Finding",
    "Flag",
    "Ledger",
    "Level",
    "Mean",
    "Measure",
    "Nps",
    "Plan",
    "Ratio",
    "Registered",
    "Release",
    "Share",
    "Statistic",
    "Sum",
    "SumPublic",
    "Table",
    "audit",
    "level",
    "make_plan",
    "open_ledger",
    "read_tables",
    "reader_key",
    "refuse",
    "register",
    "safe_frame",
    "show_registered",
    "write_plan",
    "write_value",
]
