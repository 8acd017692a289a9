"""One row per organisation and year: from the workbench's tables to the value research data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from socius_lib import api, estimates, plans, sector_survey
from socius_lib.errors import MissingTable, SociusError
from socius_lib.forms import fold
from socius_lib.sector import PUBLIC
from socius_lib.value_research.variables import (
    BY_NAME,
    CLASS_BOUNDS,
    CLASSES,
    FUNCTIONS,
    LEAST_ANSWERS,
    NOT_ASKED,
    OTHER,
    ROLE,
    ROLES,
    TAKES_UP,
    VALUE_SCALES,
    VARIABLES,
    Variable,
)

History = Mapping[str, pd.DataFrame]
"""Tables of the workbench by name, each with all years; a table without rows is one that is missing."""
KEY = ["jaar", "kbo"]
NEEDS = (
    "organisaties", "sisca", "plannen", "codes", "fragmenten", "sectorbevraging", "deelnames", "vragen",
)  # fmt: skip
PANDAS = {"text": "str", "code": "Int64", "whole": "Int64", "number": "float64"}


def load_sources(
    jaar: int, *, bron: str | None = None, root: str | Path | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of every year up to `jaar` that the data set is made of, by name."""
    return {name: api.load_history(name, jaar, bron=bron, root=root) for name in NEEDS}


def research_table(history: History) -> pd.DataFrame:
    """Return the whole data set, for use inside the workbench; `for_partners` is what may leave it.

    Parameters
    ----------
    history : the tables of `NEEDS` (`load_sources`).

    Returns
    -------
    DataFrame
        a row per organisation and year, for organisations that were recognised or filled in SISCA in
        that year; the columns of `VARIABLES`, codes as in the codebook. A missing value is empty;
        `missing_reasons` tells why. Of SISCA it has what is public in all years that there are.
        Organisations without a KBO number are not in it: nothing can be joined to them.

    Raises
    ------
    MissingTable
        when there is neither a list of organisations nor SISCA.
    """
    registry = _registry(history["organisaties"])
    frame = _rows(registry, history["sisca"])
    parts = (
        _characteristics(registry),
        _numbers(history["sisca"]),
        _texts(history["sisca"]),
        _plans(history, registry),
        _scales(history["sectorbevraging"]),
    )
    for part in parts:
        frame = frame.merge(part, on=KEY, how="left", validate="1:1")
    asked = frame["jaar"].isin(list(registry["jaar"].unique()))
    frame["erkend"] = frame["erkend"].fillna(0).where(asked)
    frame = _reach(frame, history, registry)
    frame = _group_means(frame)
    frame = frame.reindex(columns=list(BY_NAME)).sort_values(KEY, ignore_index=True)
    return frame.astype({variable.name: PANDAS[variable.kind] for variable in VARIABLES})


def for_partners(table: pd.DataFrame) -> pd.DataFrame:
    """Return the data set without what is confidential per organisation."""
    return table[[variable.name for variable in VARIABLES if variable.shared]]


def missing_reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Return per value why it is missing: a code of `MISSING`; empty where there is a value.

    A variable without any value in a year was not asked that year.

    Returns
    -------
    DataFrame
        of the form of `table`.
    """
    reasons = pd.DataFrame(index=table.index)
    for name in map(str, table):
        given = table[name].notna()
        asked = given.groupby(table["jaar"]).transform("any")
        code = pd.Series(BY_NAME[name].absent, index=table.index, dtype="Int64")
        reasons[name] = code.where(asked, NOT_ASKED).mask(given)
    return reasons


def _registry(organisaties: pd.DataFrame) -> pd.DataFrame:
    """Return the organisations that have a KBO number, with their id in Odoo."""
    known = organisaties.dropna(subset=["kbo", "organisatie_id"])
    return known.assign(erkend=known["erkend"].fillna(False))


def _rows(registry: pd.DataFrame, sisca: pd.DataFrame) -> pd.DataFrame:
    keys = pd.concat([registry.loc[registry["erkend"], KEY], sisca[KEY]]).drop_duplicates()
    if keys.empty:
        raise MissingTable("Zonder de tabel organisaties of sisca is er geen waardenonderzoek.")
    version = sisca.drop_duplicates("jaar").set_index("jaar")["registratie"]
    return keys.assign(registratie=_coded(keys["jaar"].map(version), BY_NAME["registratie"]))


def _coded(texts: pd.Series, variable: Variable) -> pd.Series:
    """Return the codes of texts; what the codebook does not know is `OTHER`, never dropped."""
    codes = {fold(value.nl): value.code for value in variable.codes}
    folded = texts.dropna().astype("str").map(fold)
    return folded.map(codes).fillna(OTHER.code).reindex(texts.index).astype("Int64")


def _characteristics(registry: pd.DataFrame) -> pd.DataFrame:
    ordered = registry.sort_values(["erkend", "organisatie_id"], ascending=[False, True])
    frame = ordered.drop_duplicates(KEY)
    recognised = frame["erkend"]
    made = frame[KEY].assign(erkend=recognised.astype("Int64"))
    for name in ("type", "werkingsgebied", "subsidieschaal"):
        made[name] = _coded(frame[name], BY_NAME[name]).where(recognised)
    return made.assign(instromer=frame["instromer"].astype("Int64").where(recognised))


def _open_rows(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of indicators that are public in every year: protected once is protected."""
    protected = sisca.loc[sisca["toegangsniveau"] != PUBLIC, "indicator"]
    return sisca[~sisca["indicator"].isin(list(protected))]


def _numbers(sisca: pd.DataFrame) -> pd.DataFrame:
    rows = _open_rows(sisca).dropna(subset="waarde")
    wide = rows.pivot_table(index=KEY, columns="indicator", values="waarde", aggfunc="first")
    codes = {v.of: v.name for v in VARIABLES if v.part == "SISCA"}
    codes |= {code: f"activiteiten_{short}" for short, (_, _, code) in FUNCTIONS.items()}
    frame = wide.reindex(columns=list(codes)).rename(columns=codes)
    done = frame[[f"activiteiten_{short}" for short in FUNCTIONS]]
    whole = done.sum(axis=1, skipna=False)
    for short in FUNCTIONS:
        frame[f"aandeel_{short}_pct"] = 100 * done[f"activiteiten_{short}"] / whole.where(whole > 0)
    return frame.reset_index()


def _texts(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return role, functions and `werksoort`, by key."""
    rows = _open_rows(sisca)
    frame = sisca.drop_duplicates(KEY)[[*KEY, "werksoort"]].set_index(KEY)
    frame["werksoort"] = _coded(frame["werksoort"], BY_NAME["werksoort"])
    texts = rows.dropna(subset="tekst").set_index(KEY)
    said = texts.loc[texts["indicator"] == ROLE, "tekst"].reindex(frame.index)
    frame["rol"] = _coded(said, BY_NAME["rol"])
    taken = texts.loc[texts["indicator"] == TAKES_UP, "tekst"]
    names = taken.map(lambda text: {fold(name) for name in text.split(",")})
    for short, (name, _, _) in FUNCTIONS.items():
        takes = names.map(lambda said, name=name: int(fold(name) in said))
        frame[f"functie_{short}"] = takes.reindex(frame.index).astype("Int64")
    return frame.reset_index()


def _of_code(pads: pd.Series, of: str) -> pd.Series:
    """Tell which paths of codes are that code or group, or lie below it; all of them without one."""
    wanted = [fold(step) for step in of.split(" / ")] if of else []
    below = [
        pad
        for pad in pads.dropna().unique()
        if [fold(step) for step in str(pad).split(" / ")][: len(wanted)] == wanted
    ]
    return pads.isin(below)


def _plan_variables() -> list[Variable]:
    return [variable for variable in VARIABLES if variable.part == "beleidsplan"]


def _plans(history: History, registry: pd.DataFrame) -> pd.DataFrame:
    """Return the segments per code and group by the main reader, of who has a plan."""
    codes, plans = history["codes"], history["plannen"]
    owner = registry[["jaar", "organisatie_id", "kbo"]]
    owned = plans.merge(owner, on=["jaar", "organisatie_id"], validate="m:1")
    main = history["fragmenten"].query("hoofdlezing")[["jaar", "plan_id", "code_id"]]
    coded = main.merge(owned[[*KEY, "plan_id"]], on=["jaar", "plan_id"], validate="m:1")
    coded = coded.merge(codes[["jaar", "code_id", "pad"]], on=["jaar", "code_id"], validate="m:1")
    frame = owned[KEY].drop_duplicates().set_index(KEY).sort_index()
    for variable in _plan_variables():
        counted = coded[_of_code(coded["pad"], variable.of)].groupby(KEY).size()
        there = set(codes.loc[_of_code(codes["pad"], variable.of), "jaar"])
        asked = frame.index.get_level_values("jaar").isin(list(there))
        frame[variable.name] = counted.reindex(frame.index, fill_value=0).where(asked)
    return frame.reset_index()


def _scales(survey: pd.DataFrame) -> pd.DataFrame:
    frame = survey[KEY].copy()
    scores = sector_survey.scale_scores(survey)
    return frame.assign(**{f"waarde_{short}": scores[short] for short in VALUE_SCALES})


def _reach(frame: pd.DataFrame, history: History, registry: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with participations, persons and requests; 0 in a year that counts them."""
    owner = registry[["jaar", "organisatie_id", "kbo"]]

    def of_key(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.merge(owner, on=["jaar", "organisatie_id"], validate="m:1")

    requests = history["vragen"].query("telt_mee and gerealiseerd")
    deelnames = of_key(history["deelnames"]).groupby(KEY)["persoon_id"]
    vragen = of_key(requests).groupby(KEY).size()
    keys = pd.MultiIndex.from_frame(frame[KEY])
    found = frame.copy()
    with_offer, with_requests = (
        frame["jaar"].isin(list(set(history[name]["jaar"]) & set(registry["jaar"])))
        for name in ("deelnames", "vragen")
    )
    for name, counted, asked in (
        ("deelnames", deelnames.size(), with_offer),
        ("personen", deelnames.nunique(), with_offer),
        ("bereikt_vraag", vragen, with_requests),
    ):
        values = counted.reindex(keys, fill_value=0).to_numpy()
        found[name] = pd.Series(values, index=frame.index, dtype="Int64").where(asked)
    for name in ("deelnames", "personen"):
        bounds = [*CLASS_BOUNDS, np.inf]
        cut = pd.cut(found[name].astype("float64"), bounds, right=False, labels=False)
        codes = {place: value.code for place, value in enumerate(CLASSES)}
        found[f"{name}_klasse"] = cut.map(codes)
    found["bereikt_aanbod"] = (found["deelnames"] > 0).astype("Int64")
    found["bereikt_vraag"] = (found["bereikt_vraag"] > 0).astype("Int64")
    return found


def join_small(counts: Mapping[int, int], least: int = LEAST_ANSWERS) -> dict[int, frozenset[int]]:
    """Return with which others each group is taken together, so that each has `least` answers.

    The two smallest are joined until all have enough; what is published is then of the joined groups
    only, and no group can be worked out from them. Empty when even all together have too few.
    """
    parts = {frozenset([group]): count for group, count in counts.items()}
    while len(parts) > 1 and min(parts.values()) < least:
        first, second = sorted(parts, key=lambda part: (parts[part], sorted(part)))[:2]
        parts[first | second] = parts.pop(first) + parts.pop(second)
    if not parts or min(parts.values()) < least:
        return {}
    return {group: part for part in parts for group in part}


def _group_means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the group of each organisation and the means of its answers."""
    names = [f"waarde_{short}" for short in VALUE_SCALES]
    made = ["groep", "groep_antwoorden", *(f"groep_{name}" for name in names)]
    found = frame.assign(**dict.fromkeys(made, np.nan))
    for _, rows in frame.groupby("jaar"):
        answers = rows.groupby("type")[names].count().min(axis=1)
        joined = join_small(dict(zip(map(int, answers.index), map(int, answers), strict=True)))
        for part in set(joined.values()):
            members = rows[rows["type"].isin(list(part)).fillna(False)]
            given = members[names]
            found.loc[members.index, "groep"] = _code_of_group(part)
            found.loc[members.index, "groep_antwoorden"] = int(given.notna().any(axis=1).sum())
            for name in names:
                found.loc[members.index, f"groep_{name}"] = given[name].mean()
    return found


def _code_of_group(part: frozenset[int]) -> int:
    joined = {frozenset({1, 2}): 4, frozenset({1, 3}): 5, frozenset({2, 3}): 6}
    if len(part) == 1:
        return min(part)
    return joined.get(part, 7)


def completeness(table: pd.DataFrame) -> pd.DataFrame:
    """Return per part and year the percentage of values that are filled in; empty if not asked.

    Over the variables that were asked that year; what stays inside the workbench stands apart.

    Returns
    -------
    DataFrame
        `deel`, `jaar`, `variabelen` (asked that year), `ingevuld_pct`.
    """
    asked_for = [v for v in VARIABLES if v.name in table and v.name not in KEY]
    parts: dict[str, list[str]] = {}
    for variable in asked_for:
        part = variable.part if variable.shared else f"{variable.part} (blijft binnen)"
        parts.setdefault(part, []).append(variable.name)
    rows = []
    for part, names in parts.items():
        for jaar, of_year in table.groupby("jaar"):
            given = of_year[names].notna()
            asked = given.loc[:, given.any()]
            filled = 100 * float(asked.to_numpy().mean()) if asked.size else np.nan
            rows.append((part, jaar, asked.shape[1], filled))
    return pd.DataFrame(rows, columns=["deel", "jaar", "variabelen", "ingevuld_pct"])


CHECKS = (
    ("erkende organisaties", "erkend", "aanbod.bereik.erkend.populatie"),
    ("organisaties met minstens één deelname", "bereikt_aanbod", "aanbod.bereik.erkend.bereikt"),
    ("organisaties met een gerealiseerde vraag", "bereikt_vraag", "bereik.erkend.vraaggestuurd"),
    ("deelnames", "deelnames", "aanbod.deelnemers.erkend"),
    ("activiteiten in SISCA", "activiteiten", "sisca.ACT01.som"),
    ("vrijwilligers in SISCA", "vrijwilligers", "sisca.VRW01.som"),
    ("fragmenten door de hoofdlezer", "plan_fragmenten", "onderzoek.beleidsplannen.fragmenten"),
)
"""Sums of the data set, and the figure that each has to equal."""


def compare_with_figures(table: pd.DataFrame, figures: pd.Series) -> pd.DataFrame:
    """Return sums over one year's rows beside the figures (kengetallen) that they have to equal.

    Parameters
    ----------
    figures : the values of the year's figures, by id; what the year does not have is left out.

    Returns
    -------
    DataFrame
        `wat`, `kengetal` (its id), `gegevens` (the sum here), `elders` (the figure), `gelijk`.
    """
    recognised = table[(table["erkend"] == 1).fillna(False)]
    rows = []
    for what, column, name in CHECKS:
        of_whom = table if name.startswith(("sisca.", "onderzoek.")) else recognised
        if name in figures and of_whom[column].notna().any():
            here, there = float(of_whom[column].sum()), float(figures[name])
            rows.append((what, name, here, there, bool(np.isclose(here, there))))
    return pd.DataFrame(rows, columns=["wat", "kengetal", "gegevens", "elders", "gelijk"])


def functions_by_role(table: pd.DataFrame) -> pd.DataFrame:
    """Return per main role which percentage of its organisations takes up each function.

    Returns
    -------
    DataFrame
        a row per role that occurs, a column per function; without rows when the year does not ask.
    """
    names = {f"functie_{short}": name for short, (name, _, _) in FUNCTIONS.items()}
    asked = table.dropna(subset="rol")
    shares = 100 * asked.groupby("rol")[list(names)].mean().astype("float64")
    roles = {value.code: value.nl for value in ROLES}
    return shares.rename(index=roles, columns=names)


def describe_variables(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row per variable with numbers: n, why it is missing, and how it lies.

    Returns
    -------
    DataFrame
        `variabele`, `label`, `n`, `niet_gevraagd`, `niet_van_toepassing`, `niet_ingevuld`,
        `gemiddelde`, `sd`, `kwart1`, `mediaan`, `kwart3`. Of what is confidential there are no
        quartiles, which may be one organisation's answer, and nothing below `LEAST_ANSWERS` values.
    """
    reasons = missing_reasons(table)
    rows = []
    for variable in VARIABLES:
        if variable.kind not in {"whole", "number"} or variable.name in {"jaar", "kbo"}:
            continue
        if variable.name not in table:
            continue
        values = table[variable.name].dropna().astype("float64")
        few = not variable.shared and len(values) < LEAST_ANSWERS
        why = [int((reasons[variable.name] == code).sum()) for code in (-7, -8, -9)]
        middle = values.quantile([0.25, 0.5, 0.75]).tolist()
        lies = [values.mean(), values.std(), *(middle if variable.shared else [np.nan] * 3)]
        shown = [np.nan] * 5 if few else lies
        rows.append([variable.name, variable.nl, len(values), *why, *shown])
    columns = ["variabele", "label", "n", "niet_gevraagd", "niet_van_toepassing", "niet_ingevuld",
               "gemiddelde", "sd", "kwart1", "mediaan", "kwart3"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def count_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return per variable with codes how many organisations have each value, missing ones too.

    Returns
    -------
    DataFrame
        `variabele`, `label`, `waarde`, `aantal`, `aandeel_pct` (of who has a value).
    """
    rows = []
    for variable in VARIABLES:
        if variable.kind != "code" or variable.name not in table:
            continue
        values = table[variable.name]
        given = int(values.notna().sum())
        for value in variable.codes:
            count = int((values == value.code).sum())
            if count and given:
                rows.append([variable.name, variable.nl, value.nl, count, 100 * count / given])
        if given < len(values):
            rows.append([variable.name, variable.nl, "ontbreekt", len(values) - given, np.nan])
    return pd.DataFrame(rows, columns=["variabele", "label", "waarde", "aantal", "aandeel_pct"])


def reliability(history: History) -> pd.DataFrame:
    """Return how reliable the counts of the plans and the scales of the survey are, in the last year.

    Of a plan's variable Krippendorff's alpha with interval distances, over the plans of the test
    reading and all readers: do they agree how much there is of it? Where it stands in the text they
    may agree less (`plans.code_agreement`). Of a scale Cronbach's alpha (`sector_survey`).

    Returns
    -------
    DataFrame
        `variabele`, `label`, `maat`, `n` (plans, or organisations that answered all statements),
        `alfa`, `laag`, `hoog`, and `zwak`: below `plans.LEAST`, or `sector_survey.RELIABLE`.

    Source: as `estimates.krippendorff_alpha` and `estimates.cronbach_alpha`.
    """
    rows = [*_plan_reliability(history), *_scale_reliability(history["sectorbevraging"])]
    columns = ["variabele", "label", "maat", "n", "alfa", "laag", "hoog", "zwak"]
    return pd.DataFrame(rows, columns=columns)


def _last(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["jaar"] == frame["jaar"].max()] if len(frame) else frame


def _per_reader(coded: pd.DataFrame) -> pd.DataFrame:
    """Return the codings of each plan (row) by each reader (column); missing without any."""
    sizes = coded.groupby(["plan_id", "lezer"]).size().reset_index(name="aantal")
    return sizes.pivot_table(index="plan_id", columns="lezer", values="aantal")


def _plan_reliability(history: History) -> list[tuple[object, ...]]:
    tried = _last(history["plannen"]).query("proeflezing")[["jaar", "plan_id"]]
    coded = history["fragmenten"].merge(tried, on=["jaar", "plan_id"], validate="m:1")
    codes = history["codes"][["jaar", "code_id", "pad"]]
    coded = coded.merge(codes, on=["jaar", "code_id"], validate="m:1")
    whole = _per_reader(coded)
    rows: list[tuple[object, ...]] = []
    for variable in _plan_variables() if len(whole) else ():
        of_code = coded[_of_code(coded["pad"], variable.of)]
        if of_code.empty:
            continue
        counts = _per_reader(of_code).reindex(index=whole.index, columns=whole.columns).fillna(0)
        try:
            found = estimates.krippendorff_alpha(counts.where(whole > 0), "interval")
        except SociusError:
            continue  # every reader counts the same in every plan: there is nothing to agree on
        numbers = (len(whole), found.value, found.low, found.high, found.value < plans.LEAST)
        rows.append((variable.name, variable.nl, "Krippendorff", *numbers))
    return rows


def _scale_reliability(survey: pd.DataFrame) -> list[tuple[object, ...]]:
    answers = _last(survey)
    rows: list[tuple[object, ...]] = []
    for short in VALUE_SCALES:
        found = sector_survey.scale_alpha(answers, short)
        if found.n >= LEAST_ANSWERS and not np.isnan(found.value):
            variable = BY_NAME[f"waarde_{short}"]
            weak = found.value < sector_survey.RELIABLE
            numbers = (found.n, found.value, found.low, found.high, weak)
            rows.append((variable.name, variable.nl, "Cronbach", *numbers))
    return rows
