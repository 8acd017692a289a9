"""What a researcher types in a notebook: `import socius_lib as socius`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from socius_lib import calculate, catalogue, reconcile, schema, store
from socius_lib.calculate import Figure
from socius_lib.disclosure import SHARE_PLAN
from socius_lib.errors import MissingTable, SociusError, unknown
from socius_lib.exploring import inventory
from socius_lib.freshness import former_outcomes
from socius_lib.kengetallen import code_of
from socius_lib.links import anchor_before, cite
from socius_lib.outputs import mark_cell
from socius_lib.schema import Table
from socius_lib.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from socius_lib.sources.surveys import Survey


def _ready(bron: str | None, root: str | Path | None, jaar: int | None) -> Workspace:
    """Return the workspace in which the years up to `jaar` are processed and up to date."""
    if _is_blind():
        raise SociusError(
            "Een deelrapport krijgt bij het delen alleen geregistreerde tabellen (`socius.register`): "
            "geen kengetallen, geen andere gegevens."
        )
    ws = open_workspace(bron, root)
    years = ws.years()
    if jaar is None and not years:
        ws.exports(0)  # says that there are none
    last = max(years) if jaar is None else jaar
    if former_outcomes(ws, last) is None:
        from socius_lib.process import ensure_processed  # imports every source's reader

        ensure_processed(ws, last)
    mark_cell(ws.bron)
    return ws


def _is_blind() -> bool:
    """Whether a report for outside runs for the second time: it gets what may be shown, no rows."""
    return SHARE_PLAN in os.environ


def load_table(
    name: str,
    jaar: int | Iterable[int] | None = None,
    *,
    bron: str | None = None,
    root: str | Path | None = None,
) -> pd.DataFrame:
    """Return a processed table; exports that are new or changed are processed first.

    Parameters
    ----------
    name : e.g. `"deelnames"`; a misspelt one names the nearest.
    jaar : one year, several, or all that have the table when left out.
    bron : data set, `voorbeeld` unless said otherwise.

    Returns
    -------
    DataFrame
        what a row is and what the columns mean stands in `socius_lib.catalogue` and in the codebook.

    Raises
    ------
    MissingTable
        when a year that was asked for does not have the table.
    SociusError
        for an unknown table or year.
    """
    known = catalogue.table(name)
    if _is_blind():
        return schema.fit(pd.DataFrame(), known)
    ws, years = _years_asked(name, jaar, bron, root)
    frames = [store.read_partition(ws, known.name, year) for year in years]
    return _named(pd.concat(frames, ignore_index=True), known)


def _named(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame, which says what it is a table of, for who shows it (`exploring.frames`)."""
    frame.attrs[schema.TABLE] = table.name
    return frame


def _years_asked(
    name: str, jaar: int | Iterable[int] | None, bron: str | None, root: str | Path | None
) -> tuple[Workspace, list[int]]:
    """Return the workspace, and the years that were asked for or else all that have the table."""
    if isinstance(jaar, int):
        years = [jaar]
    elif jaar is not None:
        years = list(jaar)
        if not years:
            raise SociusError("Geef minstens één jaar, of laat `jaar` weg voor alle jaren.")
    else:
        years = []
    ws = _ready(bron, root, max(years) if years else None)
    for year in years:
        ws.exports(year)  # a year that is not there is named as such
    years = years or store.years_of(ws, name)
    if not years:
        raise MissingTable(f"Geen enkel jaar van bron '{ws.bron}' heeft de tabel '{name}'.")
    return ws, years


ENGINES: Mapping[str, Callable[[Workspace, str, Sequence[int]], Any]] = {
    "duckdb": store.open_relation,
    "dask": store.open_dask,
}


def open_table(
    name: str,
    jaar: int | Iterable[int] | None = None,
    engine: str = "duckdb",
    *,
    bron: str | None = None,
    root: str | Path | None = None,
) -> Any:
    """Return a processed table that is read only as far as a question needs, for what is very large.

    `socius.count_reach` and the like take it as it is; `.df()` makes a pandas frame of a relation.

    Parameters
    ----------
    name, jaar, bron : as for `load_table`; so are the columns, their types and what a row is.
    engine : `"duckdb"` gives a DuckDB relation; `"dask"` a Dask frame, for a cluster (the extra
        `cluster` installs it).

    Raises
    ------
    MissingTable
        when a year that was asked for does not have the table.
    SociusError
        for an unknown table, year or engine.
    """
    known = catalogue.table(name)
    if engine not in ENGINES:
        raise unknown("engine", engine, ENGINES)
    ws, years = _years_asked(known.name, jaar, bron, root)
    return ENGINES[engine](ws, known.name, years)


def load_history(
    name: str, jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return a processed table of every year up to and with `jaar` that has it.

    Without rows, but with its columns, when no year has it: a notebook then says so and goes on.

    Raises
    ------
    SociusError
        for an unknown table or year.
    """
    known = catalogue.table(name)
    if _is_blind():
        return schema.fit(pd.DataFrame(), known)
    ws = _ready(bron, root, jaar)
    years = [year for year in store.years_of(ws, known.name) if year <= jaar]
    frames = [store.read_partition(ws, known.name, year) for year in years]
    whole = pd.concat(frames, ignore_index=True) if frames else schema.fit(pd.DataFrame(), known)
    return _named(whole, known)


def has_table(
    name: str, jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> bool:
    """Tell whether a year has a table, for a notebook that says what is missing and goes on.

    Raises
    ------
    SociusError
        for an unknown table or year.
    """
    known = catalogue.table(name)
    ws = open_workspace(bron, root) if _is_blind() else _ready(bron, root, jaar)
    return jaar in store.years_of(ws, known.name)


def figure(
    name: str, jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> Figure:
    """Return one figure (kengetal) of a year: value, unit, definition and where it comes from.

    Raises
    ------
    MissingTable
        when the year lacks the export that the figure needs.
    SociusError
        when there is no figure of that name; it tells the nearest.
    """
    return calculate.find(_ready(bron, root, jaar), jaar, name)


def load_figures(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return all figures of a year: `id, waarde, eenheid, label, definitie, bron, n, tekst, link`.

    `waarde` is unrounded; `tekst` is rounded once and written the Flemish way, for a title or the
    text of a picture; `link` is the same as link to its definition, for a sentence (`show.say`) or
    the cell of a table.
    """
    computed, _ = calculate.of_year(_ready(bron, root, jaar), jaar)
    return _written(computed, {name: each.link for name, each in computed.items()})


def load_figures_before(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return the figures of the year before that can stand beside those of `jaar`.

    As `load_figures`, with links into the definitions of `jaar`, where the value of the year before
    stands too; what `jaar` does not have is no link. Without rows when there is nothing to compare.
    """
    ws = _ready(bron, root, jaar)
    now, _ = calculate.of_year(ws, jaar)
    before = calculate.of_year_before(ws, jaar)
    return _written(
        before,
        {
            name: cite(each.text, anchor_before(name, each.jaar)) if name in now else each.text
            for name, each in before.items()
        },
    )


def _written(computed: Mapping[str, Figure], written: Mapping[str, str]) -> pd.DataFrame:
    said = [(each.n, each.text, written[name]) for name, each in computed.items()]
    columns = pd.DataFrame(said, columns=["n", "tekst", "link"])
    return pd.concat([calculate.figures_table(computed), columns], axis=1)


def figures_by(figures: pd.DataFrame, name: str, categories: Iterable[object]) -> pd.DataFrame:
    """Return the figure of each category, in their order; a row without values where there is none.

    Parameters
    ----------
    figures : as `load_figures` gives them, with `id` as index.
    name : the id, with `{}` for the category: `"overleg.thema.{}.momenten"`.
    """
    return figures.reindex([name.format(code_of(str(category))) for category in categories])


def load_reconciliation(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return the figures of a year beside those of the printed report (`reconcile.reconcile`).

    It has no rows when what was printed is not among the year's exports.
    """
    ws = _ready(bron, root, jaar)
    if jaar not in store.years_of(ws, "gedrukt"):
        return pd.DataFrame(columns=reconcile.COLUMNS)
    computed, _ = calculate.of_year(ws, jaar)
    return reconcile.reconcile(computed, store.read_partition(ws, "gedrukt", jaar))


def load_survey(path: str | Path, *, keep: Iterable[str] = ()) -> Survey:
    """Return the answers, the questions' texts and the value labels of an exported survey.

    Reads LimeSurvey, Qualtrics, SurveyMonkey, Microsoft Forms and Google Forms, as text file or
    workbook, and any SPSS file. What identifies a person is left out of the answers.

    Parameters
    ----------
    path : the export; a path that is not absolute begins where the notebook runs.
    keep : codes of columns that look personal but are needed in the answers.

    Raises
    ------
    SociusError
        when the file is none of these or cannot be read, or when `keep` names a column that is not
        personal.
    """
    from socius_lib.sources.surveys import load_survey  # pyreadstat would make every start slower

    return load_survey(path, keep=keep)


def load_targets(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return the targets of a year beside what was reached (`calculate.against_targets`).

    Raises
    ------
    MissingTable
        when the year has no targets.
    """
    ws = _ready(bron, root, jaar)
    asked = store.read_partition(ws, "streefwaarden", jaar)
    return calculate.against_targets(calculate.of_year(ws, jaar)[0], asked)


def load_unavailable(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """Return the figures that a year cannot give, and why: `kengetallen`, `reden`."""
    ws = _ready(bron, root, jaar)
    _, lost = calculate.of_year(ws, jaar)
    return pd.DataFrame([(u.ids, u.reason) for u in lost], columns=["kengetallen", "reden"])


def years(*, bron: str | None = None, root: str | Path | None = None) -> list[int]:
    """Return the years of which there are exports."""
    return open_workspace(bron, root).years()


def tables(*, bron: str | None = None, root: str | Path | None = None) -> pd.DataFrame:
    """Return the tables that there are, to find one's way.

    Returns
    -------
    DataFrame
        a row per table: `tabel` (the name for `load_table`), `label`, `een_rij_is`, `systeem` (where
        the export comes from), `jaren`, and a column per year with its number of rows, missing when
        the year does not have the table.
    """
    return inventory.tables_of(_ready(bron, root, None))


def describe(
    name: str,
    jaar: int | Iterable[int] | None = None,
    *,
    bron: str | None = None,
    root: str | Path | None = None,
) -> pd.DataFrame:
    """Return what the columns of a table are, and what stands in them.

    Parameters
    ----------
    name, jaar, bron : as for `load_table`.

    Returns
    -------
    DataFrame
        a row per column: `kolom`, `label`, `betekenis`, `eenheid`, `soort` (text, number …),
        `privacy`, `leeg` (rows without value), `verschillend` (different values), `waarden` (of a
        text with few values each with its rows), `laagste` and `hoogste` (of a number or moment, as
        text). Of what may identify a person, or is confidential, nothing is told but the counts and
        which values are allowed.

    Raises
    ------
    MissingTable, SociusError
        as `load_table`.
    """
    known = catalogue.table(name)
    ws, years = _years_asked(known.name, jaar, bron, root)
    frames = [store.read_partition(ws, known.name, year) for year in years]
    return inventory.describe_frame(pd.concat(frames, ignore_index=True), known)


def figures(
    words: str = "",
    jaar: int | None = None,
    *,
    bron: str | None = None,
    root: str | Path | None = None,
) -> pd.DataFrame:
    """Return the figures (kengetallen) in which all these words occur; all figures without a word.

    Looks in the id, the label and the definition; case and marks do not matter, a part of a word is
    enough. Those that have the words in their id or label come first.

    Parameters
    ----------
    words : e.g. `"nps"` or `"bereik landelijk"`.
    jaar : gives the values of that year; without it, the figures of all years.

    Returns
    -------
    DataFrame
        a row per figure: `id` (for `figure`), `label`, `eenheid`, `definitie`; with a year `waarde`
        (unrounded), `tekst` (rounded and written) and `n`, without one `jaren` that have it.

    Raises
    ------
    SociusError
        when no figure has the words; it tells the nearest word.
    """
    return inventory.find_figures(_ready(bron, root, jaar), words, jaar)
