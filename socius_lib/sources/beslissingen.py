"""What people decided or wrote down: targets, links, aliases, the printed report.

Not exports of a system, but files that staff keep (bronnen.md, koppelingen.csv, streefwaarden.csv).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Any

import pandas as pd

from socius_lib import catalogue, forms
from socius_lib import convert as c
from socius_lib.errors import InputError, nearest, unknown
from socius_lib.files import Export, ReadAs
from socius_lib.quality import QualityLog
from socius_lib.schema import Column

SYSTEM = "beslissingen"


def read_targets(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the year's targets."""
    rows = c.read_rows(exports, catalogue.STREEFWAARDEN.columns, log, SYSTEM)
    again = rows.duplicated(["doelstelling", "kengetal"])
    return c.counted(c.leave_out(rows, again, "streefwaarde komt al voor", log, SYSTEM))


def read_links(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the confirmed links; a row that nobody confirmed does not count.

    A name that was confirmed for two organisations counts for neither.
    """
    rows = c.read_rows(exports, catalogue.KOPPELINGEN.columns, log, SYSTEM)
    key = rows["getypte_naam"].map(forms.organisation_key, na_action="ignore")
    counts = rows["reden_niet_geteld"].isna()
    per_name = rows[counts].groupby(key[counts])["kbo"].nunique()
    rows = c.leave_out(
        rows, key.map(per_name) > 1, "naam is voor twee organisaties bevestigd", log, SYSTEM
    )
    again = rows.assign(key=key)[rows["reden_niet_geteld"].isna()].duplicated(["bron", "key"])
    rows = c.leave_out(rows, again.reindex(rows.index), "koppeling komt al voor", log, SYSTEM)
    return c.counted(rows)


def read_aliases(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return what staff confirmed that headers and values mean, as `catalogue.ALIASSEN` without `jaar`.

    Parameters
    ----------
    exports : of this year and earlier ones, oldest first: of one header or value the last holds.

    Raises
    ------
    InputError
        for a confirmed row that names no table, column or value that there is, that gives a header or
        value a second meaning, or a column a second header.
    """
    frames = []
    for export in exports:
        rows = _decided(c.read_rows([export], catalogue.ALIASSEN.columns, log, SYSTEM), log)
        empty = rows["bedoeld"].isna()
        rows = c.leave_out(rows, empty, "'bedoeld' is leeg", log, SYSTEM)
        rows = c.counted(rows)
        seen: dict[tuple[str | None, ...], int] = {}
        meant = [_check_alias(row, seen) for row in rows.to_dict("records")]
        columns, values = [column for column, _ in meant], [value for _, value in meant]
        frames.append(
            rows.assign(
                kolom=pd.Series(columns, dtype="str"), bedoeld=pd.Series(values, dtype="str")
            )
        )
    return pd.concat(frames, ignore_index=True)


def _decided(rows: pd.DataFrame, log: QualityLog) -> pd.DataFrame:
    """Return the rows of a list of proposals, of which only those count that staff said yes to."""
    reasons = {
        "nog niet beslist": rows["beslissing"].isna(),
        "beslist: nee": rows["beslissing"] == "nee",
        "'bevestigd door' is leeg": rows["bevestigd_door"].isna(),
    }
    for reason, applies in reasons.items():
        rows = c.leave_out(rows, applies, reason, log, SYSTEM)
    return rows


def _check_alias(
    row: dict[Hashable, Any], seen: dict[tuple[str | None, ...], int]
) -> tuple[str | None, str]:
    """Return the column and what is meant, by the names of the catalogue; refuse what cannot be.

    Parameters
    ----------
    seen : the rows of the same file on which each header, value and column stood before.
    """

    def refusal(problem: str, column: str) -> InputError:
        remedy = "Verbeter de rij, of zet 'nee' bij 'beslissing'."
        return InputError(row["bestand"], problem, remedy, row=int(row["rij"]), column=column)

    if row["tabel"] not in catalogue.TABLES:
        raise refusal(str(unknown("tabel", row["tabel"], catalogue.TABLES)), "tabel")
    columns = [column for column in catalogue.table(row["tabel"]).columns if column.aliases]
    is_header = row["soort"] == "kolom"
    said = row["bedoeld"] if is_header else row["kolom"] if pd.notna(row["kolom"]) else ""
    names = {forms.fold(name): column for column in columns for name in names_of(column)}
    column = names.get(forms.fold(said))
    if column is None:
        near = nearest(said, names)
        hint = f"Bedoel je '{near}'?" if near else f"Er is: {', '.join(c.name for c in columns)}."
        problem = f"de tabel '{row['tabel']}' leest geen kolom '{said}'. {hint}"
        raise refusal(problem, "bedoeld" if is_header else "kolom")
    written = forms.fold(row["geschreven"])
    if is_header:
        known = {forms.fold(text): other.name for other in columns for text in other.aliases}
        already, meant = known.get(written), column.name
        marks: list[tuple[str, ...]] = [("kolomkop", written), ("kolom", column.name)]
    elif not takes_aliases(column):
        problem = f"in de kolom '{column.name}' kunnen namen staan: daar is geen alias voor."
        raise refusal(problem, "kolom")
    else:
        values = known_values(column) or {forms.fold(row["bedoeld"]): row["bedoeld"]}
        already, meant = values.get(written), values.get(forms.fold(row["bedoeld"]), "")
        marks = [("waarde", column.name, written)]
        if not meant:
            raise refusal(str(unknown("waarde", row["bedoeld"], column.allowed or ())), "bedoeld")
    if already not in {None, meant}:
        problem = f"'{row['geschreven']}' betekent al '{already}'."
        raise refusal(problem, "zoals in de export")
    for mark in marks:
        if seen.setdefault((row["tabel"], *mark), row["rij"]) != row["rij"]:
            what = f"de kolom '{meant}'" if mark[0] == "kolom" else f"'{row['geschreven']}'"
            problem = f"{what} staat ook op rij {seen[row['tabel'], *mark]}."
            raise refusal(problem, "zoals in de export")
    return None if is_header else column.name, meant


def names_of(column: Column) -> tuple[str, ...]:
    """Return what staff may call a column: its name, its label, a header."""
    return (column.name, column.label, *column.aliases)


def takes_aliases(column: Column) -> bool:
    """Tell whether values of a column may get an alias: not where somebody's name may stand."""
    return column.allowed is not None or (
        column.privacy in {"open", "gevoelig"} and column.dtype in {"text", "yes_no"}
    )


def known_values(column: Column) -> dict[str, str]:
    """Return the values of a column by every form, folded, that the catalogue gives them."""
    allowed = (column.allowed or {}).items()
    return {forms.fold(form): value for value, others in allowed for form in (value, *others)}


def as_read(aliases: pd.DataFrame, tables: Collection[str]) -> ReadAs:
    """Return how exports of these tables are read with the confirmed aliases."""
    headers: dict[str, str] = {}
    cells: dict[str, dict[str, str]] = {}
    for row in aliases[aliases["tabel"].isin(list(tables))].to_dict("records"):
        written = forms.fold(row["geschreven"])
        if row["soort"] == "kolom":
            column = catalogue.table(row["tabel"]).column(row["bedoeld"])
            headers[written] = forms.fold(column.aliases[0])
        else:
            cells.setdefault(row["kolom"], {})[written] = row["bedoeld"]
    return ReadAs(headers, cells)


def read_changes(
    exports: Sequence[Export], links: pd.DataFrame | None, log: QualityLog
) -> pd.DataFrame:
    """Return what staff confirmed of organisations, as `catalogue.ORGANISATIEWIJZIGINGEN`.

    Parameters
    ----------
    exports : of this year and earlier ones, oldest first: of one former name the last holds.
    links : the year's confirmed links.

    Raises
    ------
    InputError
        for a former name that is confirmed for two organisations.
    """
    rows = c.read_rows(exports, catalogue.ORGANISATIEWIJZIGINGEN.columns, log, SYSTEM)
    rows = c.counted(_decided(rows, log))
    key = rows["naam_vroeger"].map(forms.organisation_key, na_action="ignore")
    linked = {}
    if links is not None:
        names = links["getypte_naam"].map(forms.organisation_key)
        linked = dict(zip(names, links["kbo"], strict=True))
    seen: dict[tuple[str, str], str] = {}
    for row, name in zip(rows.to_dict("records"), key, strict=True):
        if pd.isna(row["kbo_nu"]):
            continue
        before = linked.get(name) or seen.setdefault((row["bestand"], name), row["kbo_nu"])
        if before != row["kbo_nu"]:
            raise InputError(
                row["bestand"],
                f"'{row['naam_vroeger']}' is al bevestigd voor KBO-nummer {forms.format_kbo(before)}.",
                "Kies een van beide, hier of in koppelingen.csv.",
                row=int(row["rij"]),
                column="KBO-nummer nu",
            )
    return rows[~key.duplicated(keep="last")].reset_index(drop=True)


def links_of(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the confirmed changes as links: the former name means the organisation of today."""
    followed = changes.dropna(subset="kbo_nu")
    return pd.DataFrame({"getypte_naam": followed["naam_vroeger"], "kbo": followed["kbo_nu"]})


def read_printed(exports: Sequence[Export], log: QualityLog) -> pd.DataFrame:
    """Return the figures of the printed report; `gedrukt` is a number with a decimal point.

    It stays text: how many decimals were printed tells how the report rounded.
    """
    rows = c.read_rows(exports, catalogue.GEDRUKT.columns, log, SYSTEM)
    no_number = rows["gedrukt"].notna() & ~rows["gedrukt"].str.fullmatch(r"-?\d+(\.\d+)?").fillna(
        False
    )
    rows = c.leave_out(rows, no_number, "is geen getal als 1234.56", log, SYSTEM, value="gedrukt")
    return c.counted(c.leave_out_duplicates(rows, "kengetal", "Id", log, SYSTEM))
