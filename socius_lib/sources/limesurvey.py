"""LimeSurvey: evaluations of activities (bronnen.md, bevragingen/)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from socius_lib import catalogue
from socius_lib import convert as c
from socius_lib.files import Export
from socius_lib.quality import QualityLog

SYSTEM = "limesurvey"


def read_answers(
    exports: Sequence[Export], activiteiten: pd.DataFrame, log: QualityLog
) -> pd.DataFrame:
    """Return the answers, as `catalogue.EVALUATIES` without `jaar`.

    The *respons* is the last finished answer per token, on the year's activities (definities.md,
    Tevredenheid). A token is of one survey. The text of the open answer is left in the export: it
    may hold names.
    """
    rows = c.read_rows(exports, catalogue.EVALUATIES.columns, log, SYSTEM, style="en")
    unfinished = rows["ingediend_op"].isna()
    rows = c.leave_out(rows, unfinished, "niet afgerond", log, SYSTEM)
    again = rows.duplicated(["bestand", "antwoord_id"])
    rows = c.leave_out(rows, again, "antwoord komt al voor: eerste rij telt", log, SYSTEM)
    known = activiteiten.dropna(subset="activiteit_id").drop_duplicates("activiteit_id")
    known = known.set_index("activiteit_id")
    rows = c.leave_out_by_activity(rows, known["reden_niet_geteld"], log, SYSTEM)
    finished = rows[rows["reden_niet_geteld"].isna()].sort_values(["ingediend_op", "rij"])
    earlier = finished.duplicated(["bestand", "token"], keep="last").reindex(rows.index)
    reason_earlier = "zelfde respondent antwoordde later opnieuw"
    rows = c.leave_out(rows, earlier, reason_earlier, log, SYSTEM)
    rows["open_ingevuld"] = rows["open"].notna()
    for name in ("vorm", "thema"):
        rows[name] = rows["activiteit_id"].map(known[name])
    return c.mark_counted(rows)
