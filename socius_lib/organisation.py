"""One recognised organisation beside the others, for its own report, giving none of the others away.

The reader of a report is one of those who are compared: what is `afgeschermd` is compared only where
a reader who takes off his own value learns nothing of another one (`is_shown_to_members`), and a
place among protected values is told in quarters, by what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from socius_lib import sector
from socius_lib.format import MISSING, format_value
from socius_lib.links import cite
from socius_lib.recognised import Organisation
from socius_lib.sector import ABOUT, LEAST, PROTECTED, PUBLIC
from socius_lib.show import ShownTable, show_table

ALL = "alle organisaties"
KINDS = ("grootte", "werksoort", "type")
"""Groups to compare within; an organisation has the first two that are known of it."""
QUARTERS = 4 * LEAST
"""Of fewer protected values there are no quartiles: a quarter is of `LEAST` organisations or more."""
PARTS = {
    (0, 25): "laagste kwart", (25, 50): "tweede kwart", (50, 75): "derde kwart",
    (75, 100): "hoogste kwart", (0, 50): "laagste helft", (50, 100): "hoogste helft",
    (0, 75): "niet in het hoogste kwart", (25, 100): "niet in het laagste kwart",
    (25, 75): "rond het midden", (0, 100): "zoals het midden",
}  # fmt: skip
"""Between which percents of the organisations, from low to high, a value lies."""
OFFER = {
    "deelnames": "Deelnames aan het aanbod", "personen": "Personen die deelnamen",
    "activiteiten": "Activiteiten met een deelname",
}  # fmt: skip
ASKED = {"vragen": "Vragen om ondersteuning", "gerealiseerd": "Gerealiseerde vragen"}


@dataclass(frozen=True)
class Measures:
    """Numbers of organisations: a row each, by `code`, a column per measure; missing is not 0.

    `about` tells of each measure what `sector.ABOUT` names, in the order in which they are read.
    """

    wide: pd.DataFrame
    about: pd.DataFrame


def indicators(sisca: pd.DataFrame) -> Measures:
    """Return what the organisations of one year filled in."""
    return Measures(sector.wide_values(sisca), sector.list_indicators(sisca))


def ratios(sisca: pd.DataFrame) -> Measures:
    """Return the shares and ratios of `sector` of each organisation itself, for one year.

    Missing where an indicator is or the whole is 0; protected when one of its indicators is.
    """
    given = indicators(sisca)
    level = dict(zip(given.about["indicator"], given.about["toegangsniveau"], strict=True))
    columns = {name: given.wide[name].to_numpy() for name in given.wide}
    wide, about = pd.DataFrame(index=given.wide.index), []
    for ratio in (*sector.RATIOS, *sector.money_ratios(sisca)):
        names = list(ratio.indicators)
        taken_off = any(name.startswith("-") for name in ratio.part)  # what the others leave
        if taken_off or ratio.weight or not set(names) <= set(columns):
            continue
        part, whole = (sum(columns[name] for name in side) for side in (ratio.part, ratio.whole))
        filled = ~np.isnan([columns[name] for name in names]).any(axis=0) & (whole > 0)
        wide[ratio.id] = (100 if ratio.percent else 1) * part / np.where(filled, whole, np.nan)
        unit = "%" if ratio.percent else "aantal"
        secret = any(level[name] != PUBLIC for name in names)
        about.append((ratio.id, ratio.label, unit, PROTECTED if secret else PUBLIC))
    return Measures(wide, pd.DataFrame(about, columns=ABOUT))


def growth(reeks: pd.DataFrame, jaar: int) -> Measures:
    """Return by how many percent each organisation's values grew since the year before.

    Of who filled in both, and not 0 in the first; without measures across a break.
    """
    pair = reeks[reeks["jaar"].isin([jaar - 1, jaar])]
    if pair["jaar"].nunique() < 2 or sector.breaks_of(pair):
        return indicators(reeks[:0])
    now, before = (
        indicators(pair[pair["jaar"] == jaar]),
        sector.wide_values(pair[pair["jaar"] < jaar]),
    )
    wide = 100 * (now.wide / before.where(before > 0) - 1)
    about = now.about.query("indicator in @before.columns and eenheid != '%'")
    return Measures(wide, about.assign(eenheid="%"))


def taking_part(
    erkende: Sequence[Organisation], deelnames: pd.DataFrame, vragen: pd.DataFrame
) -> Measures:
    """Return how often each took part in the offer and asked for support in a year; 0 is who did not.

    Missing when the year has no rows of that kind at all. Protected: what the office knows of one
    organisation is not for another.
    """
    asked = vragen[vragen["telt_mee"]].groupby("organisatie_id")
    offer = deelnames.groupby("organisatie_id")
    counts = [offer.size(), offer["persoon_id"].nunique(), offer["activiteit_id"].nunique()]
    counts += [asked.size(), asked["gerealiseerd"].sum()]
    wide = pd.concat(counts, axis=1, keys=[*OFFER, *ASKED]).astype("float64")
    there = [*(OFFER if len(deelnames) else ()), *(ASKED if len(vragen) else ())]
    wide = wide.reindex([one.organisatie_id for one in erkende]).fillna(dict.fromkeys(there, 0))
    about = [(name, label, "aantal", PROTECTED) for name, label in (OFFER | ASKED).items()]
    wide.index = pd.Index([one.code for one in erkende])
    return Measures(wide, pd.DataFrame(about, columns=ABOUT))


def own_groups(groups: pd.DataFrame, code: str) -> dict[str, pd.Index]:
    """Return who one organisation is compared with: all, and who is in its groups (`KINDS`).

    Parameters
    ----------
    groups : as `sector.group_organisations` returns them.
    """
    found = {ALL: groups.index}
    own = dict(groups.loc[code]) if code in groups.index else {}
    known = [kind for kind in KINDS if own.get(kind, sector.UNKNOWN) != sector.UNKNOWN]
    for kind in known[:2]:
        found[f"{kind}: {own[kind]}"] = groups.index[groups[kind] == own[kind]]
    return found


def is_shown_to_members(values: npt.ArrayLike, toegangsniveau: str) -> bool:
    """Tell whether a number made of these organisations' values may be shown to each of them.

    Of at least `LEAST`; what is protected as `sector.is_shown`, even for a reader who takes off his
    own value. The second largest has the best view of the largest.
    """
    given = np.sort(np.abs(sector.filled(values)))
    if len(given) < LEAST or toegangsniveau == PUBLIC:
        return len(given) >= LEAST
    return sector.is_shown(np.delete(given, -2), PROTECTED)


def benchmark(values: npt.ArrayLike, toegangsniveau: str) -> tuple[float, float, float]:
    """Return first quartile, middle (`sector.middle`) and third quartile; NaN for what is not shown.

    A quartile of protected values is the mean of the five around it.
    """
    if not is_shown_to_members(values, toegangsniveau):
        return np.nan, np.nan, np.nan
    given = np.sort(sector.filled(values))
    if toegangsniveau == PUBLIC:
        low, middle, high = np.quantile(given, [0.25, 0.5, 0.75])
        return float(low), float(middle), float(high)
    middle = sector.middle(values, toegangsniveau)
    if len(given) < QUARTERS:
        return np.nan, middle, np.nan
    first = round((len(given) - 1) / 4) - 2
    around = given[first : first + 5], given[::-1][first : first + 5]
    return float(around[0].mean()), middle, float(around[1].mean())


def find_place(
    own: float,
    values: npt.NDArray[np.float64] | pd.Series,
    bounds: Sequence[float],
    toegangsniveau: str,
) -> tuple[float, float, str]:
    """Return between which percents of the values, from low to high, one lies, and that in words.

    Equal values share a place. Among protected ones it is told by `bounds` (`benchmark`) only.
    """
    known = [bound for bound in bounds if not pd.isna(bound)]
    if pd.isna(own) or not known:
        return np.nan, np.nan, MISSING
    if toegangsniveau == PUBLIC:
        n, below, same = len(values), int((values < own).sum()), int((values == own).sum())
        text = f"{'gedeeld ' if same > 1 else ''}{n - below - same + 1}e van {n}"
        return 100 * below / n, 100 * (below + same) / n, text
    step = 100 // (len(known) + 1)
    low = step * sum(bound < own for bound in known)
    high = 100 - step * sum(bound > own for bound in known)
    return low, high, PARTS[low, high]


def beside(measures: Measures, groups: Mapping[str, pd.Index], code: str) -> pd.DataFrame:
    """Return each value of one organisation beside those of its groups, its own among them.

    Returns
    -------
    DataFrame
        a row per measure and group: `groep`, `ABOUT`, `eigen`, `n`, `kwart1`, `midden`, `kwart3`
        (`benchmark`), `van`, `tot`, `plaats` (`find_place`); written: `eigen_tekst`,
        `midden_tekst`, `helft_tekst` (from first to third quartile).
    """
    rows = []
    names = list(measures.about["indicator"])
    others = {
        name: measures.wide.reindex(index=group, columns=names) for name, group in groups.items()
    }
    among = {name: list(frame.to_numpy("float64").T) for name, frame in others.items()}
    owns = measures.wide.reindex(index=[code], columns=names).iloc[0]
    for at, about in enumerate(measures.about.to_dict("records")):
        own, unit, level = float(owns.iloc[at]), about["eenheid"], about["toegangsniveau"]
        for name in groups:
            given = sector.filled(among[name][at])
            bounds = benchmark(given, level)
            first, third = write_measure(bounds[0], "aantal"), write_measure(bounds[2], "aantal")
            half = MISSING if MISSING in (first, third) else f"{first} tot {third}"
            place = find_place(own, given, bounds, level)
            texts = (write_measure(own, unit), write_measure(bounds[1], unit), half)
            rows.append((name, *about.values(), own, len(given), *bounds, *place, *texts))
    columns = ["groep", *ABOUT, "eigen", "n", "kwart1", "midden", "kwart3", "van", "tot", "plaats"]
    return pd.DataFrame(rows, columns=[*columns, "eigen_tekst", "midden_tekst", "helft_tekst"])


def show_beside(rows: pd.DataFrame, title: str, figures: pd.DataFrame | None = None) -> ShownTable:
    """Return rows of `beside` as table: a row per measure, and per group the middle and the place.

    Of the first group also between which values its middle half lies.

    Parameters
    ----------
    figures : the year's, as `load_figures` gives them; a middle that is one leads to its definition.
    """
    if figures is not None:
        rows = rows.assign(midden_tekst=_cite_middles(rows, figures.set_index("id")))
    by_measure = rows.set_index("indicator")
    first = by_measure[~by_measure.index.duplicated()]
    table = first[["omschrijving", "eigen_tekst"]].set_axis(["Cijfer", "Jullie"], axis=1)
    for name, group in by_measure.groupby("groep", sort=False):
        table[f"Midden, {name}"] = group["midden_tekst"]
        table[f"Plaats, {name}"] = group["plaats"]
    table.insert(min(3, table.shape[1]), "Middelste helft", first["helft_tekst"])
    numbers = [name for name in map(str, table) if not name.startswith(("Cijfer", "Plaats"))]
    return show_table(table, title, numbers=numbers)


def _cite_middles(rows: pd.DataFrame, figures: pd.DataFrame) -> list[str]:
    """Return the middles as written; that of all organisations is a figure, unless it is protected."""
    names = [f"sisca.{name}.mediaan" for name in rows["indicator"]]
    medians = figures["waarde"].reindex(names).to_numpy("float64")
    is_figure = np.isclose(rows["midden"], medians) & (rows["groep"] == ALL)
    return [
        cite(text, name) if same else text
        for text, name, same in zip(rows["midden_tekst"], names, is_figure, strict=True)
    ]


def stands_out(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of `beside` in the highest and in the lowest quarter, the farthest first.

    A quarter of the organisations always is there: of many measures some are so by chance.
    """
    high = rows[rows["van"] >= 75].sort_values("van", ascending=False, kind="stable")
    return high, rows[rows["tot"] <= 25].sort_values("tot", kind="stable")


def own_series(reeks: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return what one organisation filled in beside all of the same year (`beside`), with `jaar`."""
    frames = [beside(indicators(reeks[:0]), {}, code).assign(jaar=0)]
    for jaar, rows in reeks[reeks["jaar"].isin(reeks[reeks["kbo"] == code]["jaar"])].groupby(
        "jaar"
    ):
        everybody = {ALL: pd.Index(rows["kbo"].unique())}
        frames.append(beside(indicators(rows), everybody, code).assign(jaar=jaar))
    return pd.concat(frames[1:] or frames, ignore_index=True).dropna(subset="eigen")


def write_measure(value: float, unit: str) -> str:
    """Return a value for reading: whole from a hundred and for things counted, else with decimals."""
    counted = unit == "aantal" and not pd.isna(value) and float(value).is_integer()
    if counted or value == 0 or abs(value) >= 100:
        return format_value(value, unit)
    return format_value(value, unit, 1 if abs(value) >= 1 or unit == "%" else 2)
