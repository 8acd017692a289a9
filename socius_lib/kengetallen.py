"""The list of figures (kengetallen): what each is, how it rounds and what it is made of.

A figure is a selection of rows and a measure of them, or the share of one figure in another. The
selection that is shown is the selection that is applied. Families make one figure per category that
the year's data hold: a new website or mailing list of next year has its figures without a change.
The rules are those of definities.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from socius_lib import catalogue
from socius_lib.errors import MissingTable
from socius_lib.forms import fold

if TYPE_CHECKING:
    from socius_lib.sector import Ratio

Tables = Mapping[str, pd.DataFrame]
"""The processed tables of one year by name; asking for one that is not there raises MissingTable."""
BEFORE = " van het jaar ervoor"
"""Behind the name of a table: that of the year before."""


@dataclass(frozen=True)
class Selection:
    """Rows of one table: those in which every column of `where` has that value (or one of them).

    None as value selects the rows in which the column is empty.
    """

    table: str
    where: tuple[tuple[str, Any], ...] = ()

    def rows(self, year: Tables) -> pd.DataFrame:
        """Return the selected rows."""
        frame = year[self.table]
        keep = pd.Series(True, index=frame.index)
        for column, value in self.where:
            if value is None:
                keep &= frame[column].isna()
                continue
            keep &= (
                frame[column].isin(value) if isinstance(value, tuple) else frame[column] == value
            ).fillna(False)
        return frame[keep]

    def __str__(self) -> str:
        """The selection in Dutch: `deelnames waar doelgroep = primair en erkend = ja`."""
        said = []
        for column, value in self.where:
            values = value if isinstance(value, tuple) else (value,)
            said.append(f"{column} = {' of '.join(map(_word, values))}")
        return self.table + (f" waar {' en '.join(said)}" if said else "")


def _word(value: Any) -> str:
    if value is None:
        return "leeg"
    return "ja" if value is True else "nee" if value is False else str(value)


def select(table: str, **where: Any) -> Selection:
    """Return a selection of rows of a table."""
    return Selection(table, tuple(where.items()))


@dataclass(frozen=True)
class Measure:
    """What is measured of the selected rows, and how that is said."""

    text: str
    of: Callable[[pd.DataFrame], float | None]


ROWS = Measure("aantal rijen", len)
NO_LIST = "(geen)"
"""The list of who is on none, in the table `abonnees`."""


@dataclass(frozen=True)
class Kengetal:
    """One figure.

    Attributes
    ----------
    label, definition : Dutch.
    unit : `count`, `minutes`, `percent`, `eur`, `fte`, `percent_fte`, `score`, or that of SISCA.
    decimals : with how many it is printed; it is rounded only then.
    selections : the rows that are measured; of more than one table, all together.
    measure : what is measured of them; of no use for a share.
    share : numerator and denominator, for a share in percent.
    also : tables that the measure reads beside the selected rows.
    """

    id: str
    label: str
    definition: str
    unit: str
    decimals: int
    selections: tuple[Selection, ...] = ()
    measure: Measure = ROWS
    share: tuple[Kengetal, Kengetal] | None = None
    also: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the figure is made of."""
        of_share = [name for part in self.share or () for name in part.tables]
        selected = [selection.table for selection in self.selections]
        return tuple(dict.fromkeys([*selected, *self.also, *of_share]))

    @property
    def source(self) -> str:
        """Where the figure comes from, in Dutch."""
        if self.share:
            return f"100 × {self.share[0].id} / {self.share[1].id}"
        return f"{self.measure.text} van {' en '.join(map(str, self.selections))}"

    def compute(self, year: Tables) -> tuple[float | None, int]:
        """Return the unrounded value, and the number of rows behind it (of a share: below)."""
        if self.share:
            (part, _), (whole, n) = (figure.compute(year) for figure in self.share)
            return (100 * part / whole if part is not None and whole else None), n
        rows = [selection.rows(year) for selection in self.selections]
        frame = rows[0] if len(rows) == 1 else pd.concat(rows, ignore_index=True)
        return self.measure.of(frame), len(frame)


SCORE = Measure(
    "gemiddelde van tevredenheid × 10", lambda rows: _or_none(rows["tevredenheid"].mean() * 10)
)
BALANCE = Measure("inkomsten min uitgaven", lambda rows: _signed(rows).sum())


def _signed(rows: pd.DataFrame) -> pd.Series:
    return rows["bedrag_eur"].where(rows["soort"] == "inkomsten", -rows["bedrag_eur"])


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def net_promoter_score(scores: pd.Series) -> float | None:
    """Return the percentage of answers 9-10 minus that of 0-6, over all answers; None without any."""
    given = scores.dropna()
    return _or_none(100 * float((given >= 9).mean() - (given <= 6).mean())) if len(given) else None


NPS = Measure(
    "% 9–10 min % 0–6 van aanbeveling", lambda rows: net_promoter_score(rows["aanbeveling"])
)


LISTS = Measure(
    "aantal rijen met een lijst, gedeeld door het aantal verschillende abonnee",
    lambda rows: _ratio((rows["lijst"] != NO_LIST).sum(), rows["abonnee"].nunique()),
)
PAGES_PER_VISIT = Measure(
    "som van de paginas, gedeeld door die van de bezoeken",
    lambda rows: _ratio(*(rows.loc[rows["maat"] == m, "waarde"].sum() for m in ("paginas", "bezoeken"))),
)  # fmt: skip


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _limit(estimate: str, end: str) -> Measure:
    """Return the measure that gives one end of the interval of an estimate of `satisfaction`."""

    def limit(rows: pd.DataFrame) -> float | None:
        from socius_lib import satisfaction  # what computes intervals is slow to import

        found = getattr(satisfaction, estimate)(rows)
        return _or_none(found.low if end == "laag" else found.high)

    of = {"mean_score": "tevredenheid × 10", "net_promoters": "de Net Promoter Score"}[estimate]
    return Measure(f"95 %-interval ({end}) van {of}", limit)


def distinct(column: str) -> Measure:
    """Return the measure that counts different values; a missing one is none."""
    return Measure(f"aantal verschillende {column}", lambda rows: rows[column].nunique())


def total(column: str) -> Measure:
    """Return the measure that adds up; what is missing does not count, nor as 0."""
    return Measure(f"som van {column}", lambda rows: rows[column].sum())


def mean_cut(column: str) -> Measure:
    """Return the measure that cuts the mean to a whole number (14u07, not 14u08)."""
    return Measure(
        f"gemiddelde van {column}, naar beneden afgekapt",
        lambda rows: math.floor(rows[column].mean()) if len(rows) else None,
    )


def share_of(part: Kengetal, whole: Kengetal, definition: str, decimals: int = 0) -> Kengetal:
    """Return the share of one figure in another, in percent, with `.pct` behind its id."""
    return Kengetal(
        f"{part.id}.pct",
        f"{part.label} (aandeel)",
        definition,
        "percent",
        decimals,
        share=(part, whole),
    )


CODES = {
    "Beleidsactoren": "beleid",
    "Onderzoeksactoren": "onderzoek",
    "Opleidingsverstrekkers en studenten": "opleiding",
    "Internationale actoren": "internationaal",
    "Partners in de bovenbouw": "bovenbouw",
    "Vlaamse Regering / kabinetten": "regering_kabinetten",
    "Vlaams Parlement / partijen": "parlement_partijen",
    "Vlaamse Adviesraden": "adviesraden",
    "Departementen Vlaamse Gemeenschap": "departementen",
    "Lokale beleidsactoren": "lokaal",
    "Steunpunten en koepels": "steunpunten_koepels",
    "Hogescholen voortgezette opleidingen": "hogescholen_voortgezet",
    "Studenten hoger onderwijs": "studenten_ho",
    "E-zine": "ezine",
    "Subsidie Vlaamse Gemeenschap": "subsidie_vg",
    "Extra subsidie Vlaamse Gemeenschap Covid-19": "subsidie_covid",
    "Directie en coördinatietaken": "directie_coordinatie",
    "Office management, administratie en logistiek": "office_admin_logistiek",
    "directeur": "directeur",
    "communicatie/ICT": "communicatie_ict",
    "administratief/logistiek": "administratief_logistiek",
    "Publiek sociaal-cultureel werk": "publiek_scw",
    "Overheden en politiek": "overheden_politiek",
    "Bovenbouw CJM": "bovenbouw_cjm",
    "Cultuur, jeugd en media": "cultuur_jeugd_media",
    "Onderwijs en vorming": "onderwijs_vorming",
    "Werk en sociale economie": "werk_sociale_economie",
    "Welzijn, volksgezondheid en gezin": "welzijn_gezondheid_gezin",
    "Omgeving en mobiliteit": "omgeving_mobiliteit",
    "Onderzoek en consultancy": "onderzoek_consultancy",
    "Toerisme en recreatie": "toerisme_recreatie",
    "Gelijke kansen, integratie en inburgering": "gelijke_kansen",
}
"""The part of an id for a category that does not follow from its name."""


def code_of(category: str) -> str:
    """Return the part of an id for a category: `socius.be` becomes `socius_be`."""
    return CODES.get(category) or "_".join(fold(category).split())


def _values(year: Tables, table: str, column: str) -> list[Any]:
    """Return the values of a column in the order in which they first occur."""
    return list(dict.fromkeys(year[table][column].dropna()))


SEGMENTS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "totaal": ("", "", {}),
    "primair": ("primaire doelgroep", "totaal", {"doelgroep": "primair"}),
    "secundair": ("secundaire doelgroep", "totaal", {"doelgroep": "secundair"}),
    "erkend": ("erkende organisaties", "primair", {"doelgroep": "primair", "erkend": True}),
    "niet_erkend": ("niet-erkende organisaties van de primaire doelgroep", "primair", {"doelgroep": "primair", "erkend": False}),
    "landelijk": ("erkende organisaties met landelijke werking", "erkend", {"erkend": True, "werkingsgebied": "landelijk"}),
    "regionaal": ("erkende organisaties met regionale werking", "erkend", {"erkend": True, "werkingsgebied": "regionaal"}),
    "instromer": ("erkende instromers", "erkend", {"erkend": True, "instromer": True}),
    "niet_instromer": ("erkende niet-instromers", "erkend", {"erkend": True, "instromer": False}),
}  # fmt: skip
"""Per segment: how it is called, over which segment its share is, which rows it holds."""


def _of(name: str) -> str:
    return f", {name}" if name else ""


def _activities(year: Tables) -> Iterator[Kengetal]:
    base = "Ondersteuningsaanbod dat niet geannuleerd is en in het jaar begint"
    for form in (*catalogue.VORMEN, "totaal"):
        rows = select("activiteiten", telt_mee=True) if form == "totaal" else select("activiteiten", telt_mee=True, vorm=form)  # fmt: skip
        of_form = "" if form == "totaal" else form
        yield Kengetal(
            f"aanbod.activiteiten.{form}",
            f"Activiteiten{_of(of_form)}",
            f"{base}{_of(of_form)}.",
            "count",
            0,
            (rows,),
            ROWS,
        )
        yield Kengetal(
            f"aanbod.duur.{form}",
            f"Totale duurtijd{_of(of_form)}",
            f"Som van de duurtijd van de activiteiten{_of(of_form)}.",
            "minutes",
            0,
            (rows,),
            total("duur_minuten"),
        )
        yield Kengetal(f"aanbod.duur_gem.{form}", f"Gemiddelde duurtijd{_of(of_form)}", f"Gemiddelde duurtijd per activiteit{_of(of_form)}, afgekapt tot hele minuten.", "minutes", 0, (rows,), mean_cut("duur_minuten"))  # fmt: skip


_COUNTS = {
    "deelnemers": ("Deelnames", "Bezochte inschrijvingen voor het ondersteuningsaanbod, dezelfde persoon in één activiteit eenmaal, zonder eigen medewerkers en tests", ROWS),
    "uniek": ("Unieke deelnemers", "Verschillende personen met minstens één deelname", distinct("persoon_id")),
    "organisaties": ("Bereikte organisaties", "Verschillende organisaties met minstens één deelname", distinct("organisatie_id")),
}  # fmt: skip


def _participation(year: Tables) -> Iterator[Kengetal]:
    for kind, (label, definition, measure) in _COUNTS.items():
        figures: dict[str, Kengetal] = {}
        for segment, (name, over, where) in SEGMENTS.items():
            figure = Kengetal(f"aanbod.{kind}.{segment}", f"{label}{_of(name)}", f"{definition}{_of(name)}.", "count", 0, (select("deelnames", **where),), measure)  # fmt: skip
            figures[segment] = figure
            yield figure
            if over:
                yield share_of(figure, figures[over], f"Aandeel in: {figures[over].label.lower()}.")
        for sector in catalogue.SECTOREN:
            rows = select("deelnames", doelgroep="secundair", sector=sector)
            yield Kengetal(f"aanbod.{kind}.sector.{code_of(sector)}", f"{label}, {sector}", f"{definition}, sector {sector} van de secundaire doelgroep.", "count", 0, (rows,), measure)  # fmt: skip
    for job in catalogue.BEROEPEN:
        rows = select("deelnames", erkend=True, beroep=job)
        yield Kengetal(f"aanbod.uniek.beroep.{code_of(job)}", f"Unieke deelnemers, {job}", f"Verschillende personen van erkende organisaties met als beroep {job}.", "count", 0, (rows,), distinct("persoon_id"))  # fmt: skip


def _returning(year: Tables) -> Iterator[Kengetal]:
    if year["deelnames"]["terugkerend"].notna().any():
        yield Kengetal("aanbod.uniek.terugkerend", "Terugkerende deelnemers", "Verschillende personen van het jaar die ook in een vroeger jaar van de gegevens deelnamen.", "count", 0, (select("deelnames", terugkerend=True),), distinct("persoon_id"))  # fmt: skip


_RECOGNISED = Kengetal("aanbod.bereik.erkend.populatie", "Erkende organisaties", "Organisaties die in het jaar erkend zijn.", "count", 0, (select("organisaties", erkend=True),), distinct("organisatie_id"))  # fmt: skip
_REACHED = (select("deelnames", doelgroep="primair", erkend=True),)
_HELPED = (select("vragen", telt_mee=True, gerealiseerd=True, doelgroep="primair", erkend=True),)


def _reach(year: Tables) -> Iterator[Kengetal]:
    reached = Kengetal("aanbod.bereik.erkend.bereikt", "Erkende organisaties bereikt met het aanbod", "Erkende organisaties met minstens één deelname.", "count", 0, _REACHED, distinct("organisatie_id"))  # fmt: skip
    yield reached
    yield _RECOGNISED
    pct = share_of(
        reached,
        _RECOGNISED,
        "Aandeel van de erkende organisaties van het jaar dat met het aanbod bereikt is.",
    )
    yield Kengetal(
        "aanbod.bereik.erkend.pct", pct.label, pct.definition, "percent", 0, share=pct.share
    )
    yield Kengetal("bereik.erkend.aanbod", "Erkende organisaties bereikt met het aanbod", "Erkende organisaties met minstens één deelname.", "count", 0, _REACHED, distinct("organisatie_id"))  # fmt: skip


def _reach_of_both(year: Tables) -> Iterator[Kengetal]:
    yield Kengetal("bereik.erkend.vraaggestuurd", "Erkende organisaties bereikt op vraag", "Erkende organisaties met minstens één gerealiseerde vraag.", "count", 0, _HELPED, distinct("organisatie_id"))  # fmt: skip
    both = Kengetal("bereik.erkend.uniek", "Erkende organisaties bereikt via aanbod of vraag", "Verschillende erkende organisaties met een deelname of een gerealiseerde vraag.", "count", 0, (*_REACHED, *_HELPED), distinct("organisatie_id"))  # fmt: skip
    yield both
    yield Kengetal("bereik.erkend.pct", "Bereik van de erkende organisaties", "Aandeel van de erkende organisaties van het jaar dat via aanbod of vraag bereikt is.", "percent", 0, share=(both, _RECOGNISED))  # fmt: skip
    yield from _reach_by_way(year)


def reached_by(offer: bool, request: bool) -> Measure:
    """Return the measure that counts organisations with or without a participation and a request."""
    words = [f"{'met' if offer else 'zonder'} deelname", f"{'met' if request else 'zonder'} gerealiseerde vraag"]  # fmt: skip

    def count(rows: pd.DataFrame) -> int:
        ways = rows.groupby("organisatie_id")[["inschrijving_id", "vraag_id"]].count() > 0
        return int(((ways["inschrijving_id"] == offer) & (ways["vraag_id"] == request)).sum())

    return Measure(f"aantal verschillende organisatie_id {' en '.join(words)}", count)


def _reach_by_way(year: Tables) -> Iterator[Kengetal]:
    ways = {
        "beide": ("bereikt via aanbod én vraag", "met een deelname en met een gerealiseerde vraag", (True, True)),
        "alleen_aanbod": ("alleen bereikt via het aanbod", "met een deelname, zonder gerealiseerde vraag", (True, False)),
        "alleen_vraag": ("alleen bereikt op vraag", "met een gerealiseerde vraag, zonder deelname", (False, True)),
        "niet_bereikt": ("niet bereikt", "zonder deelname en zonder gerealiseerde vraag", (False, False)),
    }  # fmt: skip
    rows = (*_RECOGNISED.selections, *_REACHED, *_HELPED)
    for way, (label, definition, has) in ways.items():
        yield Kengetal(f"bereik.erkend.{way}", f"Erkende organisaties, {label}", f"Organisaties die in het jaar erkend zijn, {definition}.", "count", 0, rows, reached_by(*has))  # fmt: skip


def _satisfaction(year: Tables) -> Iterator[Kengetal]:
    rows = (select("evaluaties", telt_mee=True),)
    yield Kengetal("aanbod.tevredenheid", "Tevredenheid", "Gemiddelde van alle antwoorden op de tevredenheidsvraag (0–10), maal 10.", "percent", 0, rows, SCORE)  # fmt: skip
    yield Kengetal("aanbod.tevredenheid.respons", "Respons op de evaluaties", "Laatste afgeronde antwoord per respondent op de activiteiten van het jaar.", "count", 0, rows, ROWS)  # fmt: skip
    yield Kengetal("aanbod.nps", "Net Promoter Score", "Percentage antwoorden 9–10 min percentage 0–6, over alle antwoorden.", "score", 0, rows, NPS)  # fmt: skip
    for end, side in (("laag", "Ondergrens"), ("hoog", "Bovengrens")):
        limits = f"{side} van het 95 %-interval; antwoorden van één activiteit gelden niet als onafhankelijk."
        yield Kengetal(f"aanbod.tevredenheid.{end}", f"Tevredenheid, {side.lower()}", limits, "percent", 1, rows, _limit("mean_score", end))  # fmt: skip
        yield Kengetal(f"aanbod.nps.{end}", f"Net Promoter Score, {side.lower()}", limits, "score", 1, rows, _limit("net_promoters", end))  # fmt: skip


_REQUESTS: Mapping[str, tuple[str, str, dict[str, Any], Measure]] = {
    "vragen": ("Ontvangen vragen", "Alle vragen om ondersteuning", {}, ROWS),
    "goedgekeurd": ("Goedgekeurde vragen", "Vragen in fase goedgekeurd of gerealiseerd, niet gearchiveerd", {"goedgekeurd": True}, ROWS),
    "gerealiseerd": ("Gerealiseerde vragen", "Vragen in fase gerealiseerd", {"gerealiseerd": True}, ROWS),
    "niet_uitgevoerd": ("Goedgekeurde vragen die niet uitgevoerd zijn", "Goedgekeurde vragen die niet in fase gerealiseerd staan", {"goedgekeurd": True, "gerealiseerd": False}, ROWS),
    "afgewezen": ("Afgewezen vragen", "Gearchiveerde vragen die niet gerealiseerd zijn", {"actief": False, "gerealiseerd": False}, ROWS),
    "onbeslist": ("Vragen zonder beslissing", "Vragen die niet gearchiveerd, goedgekeurd of gerealiseerd zijn", {"actief": True, "goedgekeurd": False, "gerealiseerd": False}, ROWS),
    "deelnemers": ("Deelnemers op vraag", "Deelnemers aan de gerealiseerde vragen", {"gerealiseerd": True}, total("deelnemers")),
    "organisaties": ("Organisaties op vraag", "Verschillende organisaties met een gerealiseerde vraag", {"gerealiseerd": True}, distinct("organisatie_id")),
}  # fmt: skip
_ASKERS = ("totaal", "primair", "secundair", "erkend", "niet_erkend")


def _request(kind: str, segment: str) -> Kengetal:
    label, definition, of_kind, measure = _REQUESTS[kind]
    name, _, where = SEGMENTS[segment]
    rows = select("vragen", telt_mee=True, **of_kind, **where)
    return Kengetal(f"vraag.{kind}.{segment}", f"{label}{_of(name)}", f"{definition}{_of(name)}.", "count", 0, (rows,), measure)  # fmt: skip


def _response(year: Tables) -> Iterator[Kengetal]:
    answers = Kengetal("aanbod.tevredenheid.respons", "Respons op de evaluaties", "", "count", 0, (select("evaluaties", telt_mee=True),), ROWS)  # fmt: skip
    everybody = Kengetal("aanbod.deelnemers.totaal", "Deelnames", "", "count", 0, (select("deelnames"),), ROWS)  # fmt: skip
    yield Kengetal("aanbod.tevredenheid.respons.pct", "Responsgraad van de evaluaties", "Antwoorden die tellen, als aandeel van de deelnames van het jaar.", "percent", 0, share=(answers, everybody))  # fmt: skip


def _requests(year: Tables) -> Iterator[Kengetal]:
    for kind in _REQUESTS:
        for segment in _ASKERS:
            figure, over = _request(kind, segment), SEGMENTS[segment][1]
            yield figure
            if over == "totaal" and kind in {"deelnemers", "organisaties"}:
                whole = _request(kind, over)
                yield share_of(figure, whole, f"Aandeel in: {whole.label.lower()}.")
    for name, kind in (("goedkeuringsgraad", "goedgekeurd"), ("realisatiegraad", "gerealiseerd")):
        for segment in _ASKERS:
            share = (_request(kind, segment), _request("vragen", segment))
            of_segment = _of(SEGMENTS[segment][0])
            yield Kengetal(f"vraag.{name}.{segment}", f"{name.capitalize()}{of_segment}", f"Aandeel van de ontvangen vragen dat {kind} is{of_segment}.", "percent", 0, share=share)  # fmt: skip
    yield from _requests_by_category(year)


def _requests_by_category(year: Tables) -> Iterator[Kengetal]:
    for reason in _values(year, "vragen", "reden_afwijzing"):
        _, definition, of_kind, _ = _REQUESTS["afgewezen"]
        rows = select("vragen", telt_mee=True, **of_kind, reden_afwijzing=reason)
        yield Kengetal(f"vraag.afgewezen.reden.{code_of(reason)}", f"Afgewezen vragen, reden: {reason}", f"{definition}, met als reden: {reason}.", "count", 0, (rows,), ROWS)  # fmt: skip
    for theme in sorted(_values(year, "vragen", "thema")):
        for kind in ("vragen", "goedgekeurd", "gerealiseerd"):
            label, definition, of_kind, measure = _REQUESTS[kind]
            rows = select("vragen", telt_mee=True, **of_kind, thema=theme)
            yield Kengetal(f"vraag.{kind}.thema.{code_of(theme)}", f"{label}, {theme}", f"{definition}, thema {theme}.", "count", 0, (rows,), measure)  # fmt: skip


def _meetings(year: Tables) -> Iterator[Kengetal]:
    took_place = select("overleg", telt_mee=True)
    everything = Kengetal("overleg.momenten.totaal", "Overlegmomenten", "Regels van het logboek die doorgingen.", "count", 0, (took_place,), ROWS)  # fmt: skip
    yield everything
    yield Kengetal("overleg.actoren.totaal", "Actoren", "Verschillende actoren met wie overlegd is, zoals het blad Actoren ze kent.", "count", 0, (took_place,), distinct("actor"))  # fmt: skip
    for category in _values(year, "actoren", "categorie"):
        rows = select("overleg", telt_mee=True, categorie=category)
        moments = Kengetal(f"overleg.{code_of(category)}.momenten", f"Overlegmomenten, {category}", f"Overlegmomenten met {category.lower()}.", "count", 0, (rows,), ROWS)  # fmt: skip
        yield moments
        pct = share_of(
            moments,
            everything,
            f"Aandeel van de overlegmomenten met {category.lower()} in alle momenten.",
        )
        yield Kengetal(
            f"overleg.{code_of(category)}.pct",
            pct.label,
            pct.definition,
            "percent",
            0,
            share=pct.share,
        )
        actors = year["actoren"]
        for part in dict.fromkeys(actors[actors["categorie"] == category]["subcategorie"].dropna()):
            rows = select("overleg", telt_mee=True, categorie=category, subcategorie=part)
            start, name = f"overleg.{code_of(category)}.{code_of(part)}", f"{category}: {part}"
            yield Kengetal(f"{start}.momenten", f"Overlegmomenten, {name}", f"Overlegmomenten met {name}.", "count", 0, (rows,), ROWS)  # fmt: skip
            yield Kengetal(f"{start}.actoren", f"Actoren, {name}", f"Verschillende actoren ({name}) met wie overlegd is.", "count", 0, (rows,), distinct("actor"))  # fmt: skip


def _of_meetings(measure: str, text: str) -> Measure:
    """Return a measure that `meetings` computes."""

    def compute(rows: pd.DataFrame) -> float | None:
        from socius_lib import meetings  # what computes networks is slow to import

        return _or_none(getattr(meetings, measure)(rows))

    return Measure(text, compute)


STAFF_TIME = _of_meetings("staff_minutes", "som van duur_minuten × aantal medewerkers")
STAFF = _of_meetings("count_staff", "aantal verschillende initialen in medewerkers")
ONE_CONTACT = _of_meetings("one_contact", "aantal verschillende actor met één enkele medewerker")


def _meeting_work(year: Tables) -> Iterator[Kengetal]:
    took_place = select("overleg", telt_mee=True)
    everything = Kengetal(
        "overleg.momenten.totaal", "Overlegmomenten", "", "count", 0, (took_place,)
    )
    for code, kind in (("eigen", "eigen initiatief"), ("vraag", "op vraag")):
        rows = select("overleg", telt_mee=True, initiatief=kind)
        asked = Kengetal(f"overleg.initiatief.{code}", f"Overlegmomenten, {kind}", f"Overlegmomenten met als initiatief: {kind}.", "count", 0, (rows,), ROWS)  # fmt: skip
        yield asked
        yield share_of(
            asked, everything, f"Aandeel van de overlegmomenten {kind} in alle momenten."
        )
    for theme in sorted(_values(year, "overleg", "thema")):
        rows = select("overleg", telt_mee=True, thema=theme)
        yield Kengetal(f"overleg.thema.{code_of(theme)}.momenten", f"Overlegmomenten, {theme}", f"Overlegmomenten met als thema: {theme}.", "count", 0, (rows,), ROWS)  # fmt: skip
    yield Kengetal("overleg.duur.totaal", "Duur van het overleg", "Som van de duur van de overlegmomenten; elk moment telt eenmaal.", "minutes", 0, (took_place,), total("duur_minuten"))  # fmt: skip
    spent = "Som over de overlegmomenten van de duur maal het aantal aanwezige medewerkers"
    whole = Kengetal("overleg.inzet.totaal", "Tijd van medewerkers in overleg", f"{spent}.", "minutes", 0, (took_place,), STAFF_TIME)  # fmt: skip
    yield whole
    for category in _values(year, "actoren", "categorie"):
        rows = select("overleg", telt_mee=True, categorie=category)
        part = Kengetal(f"overleg.inzet.{code_of(category)}", f"{whole.label}, {category}", f"{spent}, met {category.lower()}.", "minutes", 0, (rows,), STAFF_TIME)  # fmt: skip
        yield part
        yield share_of(part, whole, f"Aandeel van {category.lower()} in de tijd van medewerkers in overleg.")  # fmt: skip
    yield Kengetal("overleg.medewerkers.totaal", "Medewerkers in overleg", "Verschillende medewerkers (initialen) die bij minstens één overlegmoment waren.", "count", 0, (took_place,), STAFF)  # fmt: skip
    yield from _meeting_network(took_place)


def _meeting_network(took_place: Selection) -> Iterator[Kengetal]:
    actors = Kengetal("overleg.actoren.totaal", "Actoren", "", "count", 0, (took_place,), distinct("actor"))  # fmt: skip
    single = Kengetal("overleg.netwerk.een_medewerker", "Actoren die één medewerker zagen", "Actoren met wie over het hele jaar maar één medewerker overlegde.", "count", 0, (took_place,), ONE_CONTACT)  # fmt: skip
    yield single
    yield share_of(single, actors, "Aandeel van de actoren met wie maar één medewerker overlegde.")
    for code, first, second in (("medewerkers_actoren", "medewerker", "actor"), ("actoren_themas", "actor", "thema")):  # fmt: skip
        density = Measure(f"banden van {first} en {second}, als percentage van alle mogelijke", partial(_density, first=first, second=second))  # fmt: skip
        yield Kengetal(f"overleg.netwerk.{code}.dichtheid", f"Dichtheid van het netwerk van {first} en {second}", f"Paren van {first} en {second} met minstens één overlegmoment, als percentage van alle paren die er kunnen zijn.", "percent", 0, (took_place,), density)  # fmt: skip


def _density(rows: pd.DataFrame, first: str, second: str) -> float | None:
    from socius_lib import meetings

    ties = meetings.ties_between(rows, first, second)
    return meetings.density(ties) if len(ties) else None


def _mailing(year: Tables) -> Iterator[Kengetal]:
    lists = [name for name in _values(year, "abonnees", "lijst") if name != NO_LIST]
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "totaal": ("", {}),
        "erkend": ("erkende organisaties", {"erkend": True}),
        "niet_erkend": ("andere dan erkende organisaties", {"erkend": False}),
    }
    for name in (None, *sorted(lists)):
        of_list = {"lijst": name} if name else {}
        figures: dict[str, Kengetal] = {}
        for kind, (label, where) in kinds.items():
            rows = select("abonnees", **of_list, **where)
            text = f"Abonnees{_of(name or '')}{_of(label)}"
            figures[kind] = Kengetal(f"media.mailing.{code_of(name) if name else 'totaal'}.{kind}", text, f"Verschillende abonnees (subscribed){' van de lijst ' + name if name else ''}{_of(label)}.", "count", 0, (rows,), distinct("abonnee"))  # fmt: skip
            yield figures[kind]
        yield share_of(figures["erkend"], figures["totaal"], f"Aandeel in: {figures['totaal'].label}.")  # fmt: skip
    unknown = select("abonnees", organisatie_id=None)
    yield Kengetal("media.mailing.totaal.zonder_organisatie", "Abonnees zonder herkende organisatie", "Verschillende abonnees (subscribed) van wie de getypte organisatie niet ingevuld of niet herkend is.", "count", 0, (unknown,), distinct("abonnee"))  # fmt: skip
    yield Kengetal("media.mailing.lijsten_per_abonnee", "Lijsten per abonnee", "Gemiddeld aantal lijsten per abonnee; wie op geen lijst staat, telt mee met nul.", "count", 1, (select("abonnees"),), LISTS)  # fmt: skip


def _mailing_reach(year: Tables) -> Iterator[Kengetal]:
    reached = Kengetal("media.mailing.bereik.erkend", "Erkende organisaties met een abonnee", "Erkende organisaties met minstens één abonnee (subscribed).", "count", 0, (select("abonnees", erkend=True),), distinct("organisatie_id"))  # fmt: skip
    yield reached
    yield share_of(reached, _RECOGNISED, "Aandeel van de erkende organisaties van het jaar met minstens één abonnee.")  # fmt: skip


def _web(year: Tables) -> Iterator[Kengetal]:
    names = {"bezoeken": "Bezoeken", "bezoekers": "Unieke bezoekers", "paginas": "Bezochte pagina's", "volgers": "Volgers"}  # fmt: skip
    frame = year["webstatistiek"]
    for channel, kind, measure in frame[["kanaal", "soort", "maat"]].itertuples(index=False):
        rows = (select("webstatistiek", kanaal=channel, maat=measure),)
        text, value = f"{names[measure]}, {channel}", total("waarde")
        if kind == "website":
            yield Kengetal(f"media.web.{code_of(channel)}.{measure}", text, f"{names[measure]} van {channel} in het jaar, volgens Matomo.", "count", 0, rows, value)  # fmt: skip
        else:
            yield Kengetal(f"media.social.{code_of(channel)}", text, f"Volgers op {channel} bij de telling.", "count", 0, rows, value)  # fmt: skip
    sites = frame[frame["soort"] == "website"]
    for measure in ("bezoeken", "paginas") if len(sites) else ():
        of_all = (select("webstatistiek", soort="website", maat=measure),)
        yield Kengetal(f"media.web.totaal.{measure}", f"{names[measure]}, alle websites", f"{names[measure]} van alle websites samen, volgens Matomo.", "count", 0, of_all, total("waarde"))  # fmt: skip
    for site in dict.fromkeys(sites["kanaal"]):
        both = (select("webstatistiek", kanaal=site, maat=("bezoeken", "paginas")),)
        yield Kengetal(f"media.web.{code_of(site)}.paginas_per_bezoek", f"Pagina's per bezoek, {site}", f"Bezochte pagina's van {site}, gedeeld door de bezoeken.", "count", 1, both, PAGES_PER_VISIT)  # fmt: skip


def _sector_survey(year: Tables) -> Iterator[Kengetal]:
    yield Kengetal("corona.bevraging.uitgestuurd", "Sectorbevraging: uitgestuurd", "Organisaties op de verzendlijst van de sectorbevraging.", "count", 0, (select("sectorbevraging", verzonden=True),), ROWS)  # fmt: skip
    yield Kengetal("corona.bevraging.reacties", "Sectorbevraging: reacties", "Organisaties die de sectorbevraging beantwoordden.", "count", 0, (select("sectorbevraging", beantwoord=True),), ROWS)  # fmt: skip


_SENT = select("sectorbevraging", verzonden=True)
_SURVEY = "onderzoek.sectorbevraging"


def _survey_answers(year: Tables) -> Iterator[Kengetal]:
    answered = (select("sectorbevraging", verzonden=True, beantwoord=True),)
    sent = Kengetal("corona.bevraging.uitgestuurd", "Sectorbevraging: uitgestuurd", "", "count", 0, (_SENT,), ROWS)  # fmt: skip
    response = Kengetal(f"{_SURVEY}.respons", "Sectorbevraging: antwoorden van de verzendlijst", "Organisaties op de verzendlijst die de sectorbevraging beantwoordden.", "count", 0, answered, ROWS)  # fmt: skip
    yield response
    yield share_of(response, sent, "Aandeel van de organisaties op de verzendlijst dat antwoordde.")
    doubt = Measure("aantal rijen met een weet_niet", lambda rows: int(rows["weet_niet"].count()))
    unsure = Kengetal(f"{_SURVEY}.weet_niet", "Sectorbevraging: minstens één 'weet niet'", "Organisaties op de verzendlijst die op minstens één vraag 'weet niet' antwoordden.", "count", 0, answered, doubt)  # fmt: skip
    yield unsure
    yield share_of(unsure, response, "Aandeel van wie antwoordde dat op minstens één vraag 'weet niet' zei.")  # fmt: skip
    yield from _survey_estimates()


def _survey_estimates() -> Iterator[Kengetal]:
    known: dict[str, Any] = {}
    weighted = "gewogen naar type en instromer van de verzendlijst, een eindige populatie"
    yield Kengetal(f"{_SURVEY}.designeffect", "Sectorbevraging: designeffect van de gewichten", "Hoeveel de ongelijke gewichten op zich een variantie vergroten (Kish): n Σw² / (Σw)².", "score", 2, (_SENT,), _of_survey("designeffect van de gewichten", "gewichten", known)[0])  # fmt: skip
    impact = _of_survey("gewogen gemiddelde van impact", "impact", known)
    yield from _with_limits(Kengetal(f"{_SURVEY}.impact", "Sectorbevraging: impact van de coronacrisis", f"Gemiddelde impact van de coronacrisis op de werking (0–10), {weighted}.", "score", 1, (_SENT,)), impact)  # fmt: skip
    for code, name in catalogue.MAATREGELEN.items():
        took = _of_survey(f"gewogen percentage {code} = ja", code, known)
        yield from _with_limits(Kengetal(f"{_SURVEY}.maatregel.{code_of(name)}", f"Sectorbevraging: maatregel {name}", f"Percentage organisaties dat de maatregel '{name}' nam, {weighted}; een organisatie kan er meer dan één nemen.", "percent", 0, (_SENT,)), took)  # fmt: skip
    for name, whom in (("personen", "personen"), ("gemeenschappen", "gemeenschappen"), ("samenleving", "de samenleving")):  # fmt: skip
        start, label = f"{_SURVEY}.waarde.{name}", f"waarde voor {whom}"
        score = _of_survey(f"gewogen gemiddelde van de schaalscore {name}", name, known)
        yield from _with_limits(Kengetal(start, f"Sectorbevraging: {label}", f"Gemiddelde schaalscore (1–5) van de {label}, van wie minstens drie van de vier stellingen beantwoordde, {weighted}.", "score", 2, (_SENT,)), score)  # fmt: skip
        alpha = _of_survey(f"alpha van de stellingen {name}", f"{name}.alpha", known)
        yield from _with_limits(Kengetal(f"{start}.alpha", f"Sectorbevraging: alpha van de {label}", f"Cronbachs alpha van de vier stellingen over de {label}, ongewogen, van wie ze alle vier beantwoordde.", "score", 2, (_SENT,)), alpha)  # fmt: skip


def _of_survey(text: str, name: str, known: dict[str, Any]) -> tuple[Measure, Measure, Measure]:
    """Return the measures of an estimate of `sector_survey`, and of both ends of its interval.

    `known` fills with the estimates of the year: the weights are worked out once for all of them.
    """

    def measure(said: str, end: str) -> Measure:
        def of(rows: pd.DataFrame) -> float | None:
            from socius_lib import sector_survey  # what computes intervals is slow to import

            if not known:
                known.update(sector_survey.estimate_figures(rows))
            return _or_none(getattr(known[name], end)) if name in known else None

        return Measure(said, of)

    ends = (("laag", "low"), ("hoog", "high"))
    low, high = (measure(f"95 %-interval ({word}) van {text}", end) for word, end in ends)
    return measure(text, "value"), low, high


def _with_limits(
    figure: Kengetal, measures: tuple[Measure, Measure, Measure]
) -> Iterator[Kengetal]:
    """Return a figure, and one for each end of its interval, with `.laag` and `.hoog` behind its id."""
    yield replace(figure, measure=measures[0])
    for end, side, of in zip(("laag", "hoog"), ("onder", "boven"), measures[1:], strict=True):
        limit = f"{side.capitalize()}grens van het 95 %-interval. {figure.definition}"
        yield replace(figure, id=f"{figure.id}.{end}", label=f"{figure.label}, {side}grens", definition=limit, measure=of)  # fmt: skip


def _plans(year: Tables) -> Iterator[Kengetal]:
    plans = year["plannen"]
    proof = tuple(plans[plans["proeflezing"]]["plan_id"])
    start = "onderzoek.beleidsplannen"
    yield Kengetal(f"{start}.plannen", "Gelezen beleidsplannen", "Beleidsplannen in het QDA-project.", "count", 0, (select("plannen"),), ROWS)  # fmt: skip
    yield Kengetal(f"{start}.codes", "Codes", "Codeerbare codes van het codeboek; groepen tellen niet.", "count", 0, (select("codes", codeerbaar=True),), ROWS)  # fmt: skip
    yield Kengetal(f"{start}.fragmenten", "Fragmenten", "Coderingen door de hoofdlezer van elk plan.", "count", 0, (select("fragmenten", hoofdlezing=True),), ROWS)  # fmt: skip
    yield Kengetal(f"{start}.proeflezing_plannen", "Plannen van de proeflezing", "Plannen die door meer dan één lezer gecodeerd zijn.", "count", 0, (select("plannen", proeflezing=True),), ROWS)  # fmt: skip
    readers = Measure("aantal verschillende lezer op de plannen van de proeflezing", lambda rows: rows[rows["plan_id"].isin(proof)]["lezer"].nunique())  # fmt: skip
    yield Kengetal(f"{start}.proeflezing_lezers", "Lezers van de proeflezing", "Verschillende lezers van de plannen van de proeflezing.", "count", 0, (select("fragmenten"),), readers, also=("plannen",))  # fmt: skip


def _coding(year: Tables) -> Iterator[Kengetal]:
    codes = year["codes"][year["codes"]["codeerbaar"]]
    start, main = "onderzoek.beleidsplannen", "door de hoofdlezer van elk plan"
    twice = codes["naam"].duplicated(keep=False)

    @cache
    def agreement() -> pd.DataFrame:
        """Return the agreement per code, computed once for all figures of the year."""
        from socius_lib import plans  # what estimates is slow to import

        return plans.code_agreement(year["fragmenten"], year["codes"]).set_index("code_id")

    for code, name in zip(codes["code_id"], codes["naam"].mask(twice, codes["pad"]), strict=True):
        rows = (select("fragmenten", hoofdlezing=True, code_id=code),)
        of_code = f"{start}.code.{code_of(name)}"
        yield Kengetal(f"{of_code}.fragmenten", f"Fragmenten, {name}", f"Coderingen met de code {name} {main}.", "count", 0, rows, ROWS)  # fmt: skip
        yield Kengetal(f"{of_code}.plannen", f"Plannen met {name}", f"Beleidsplannen met minstens één codering {name} {main}.", "count", 0, rows, distinct("plan_id"))  # fmt: skip
        for kind, label in (("alfa", "Alfa van Krippendorff"), ("ac1", "AC1 van Gwet")):
            measure = Measure(f"{label} van de code {name} over de proeflezing", partial(_agreement_of, agreement, code, kind))  # fmt: skip
            yield Kengetal(f"{of_code}.{kind}", f"{label}, {name}", f"Overeenstemming van de lezers van de proeflezing over de code {name}: per stuk tekst dat iemand codeerde, wie er de code gaf en wie niet.", "score", 2, (select("fragmenten"),), measure, also=("codes",))  # fmt: skip
    weak = Measure("aantal codes met alfa onder 0,667 over de proeflezing", partial(_count_weak, agreement))  # fmt: skip
    yield Kengetal(f"{start}.zwakke_codes", "Zwakke codes", "Codes waarvan de alfa van Krippendorff over de proeflezing onder 0,667 ligt: ze worden niet geïnterpreteerd.", "count", 0, (select("fragmenten"),), weak, also=("codes",))  # fmt: skip


def _agreement_of(
    agreement: Callable[[], pd.DataFrame], code: str, kind: str, _: pd.DataFrame
) -> float | None:
    return _or_none(float(agreement()[kind][code]))


def _count_weak(agreement: Callable[[], pd.DataFrame], _: pd.DataFrame) -> int:
    from socius_lib import plans

    return int((agreement()["alfa"] < plans.LEAST).sum())


def _money(year: Tables) -> Iterator[Kengetal]:
    frame = year["grootboek"]
    amount = total("bedrag_eur")
    wholes: dict[str, Kengetal] = {}
    for short, kind in (("uit", "uitgaven"), ("in", "inkomsten")):
        whole = wholes[kind] = Kengetal(f"fin.{short}.totaal", f"{kind.capitalize()}, totaal", f"Som van alle {kind} van het jaar.", "eur", 2, (select("grootboek", telt_mee=True, soort=kind),), amount)  # fmt: skip
        of_kind = frame[frame["soort"] == kind]
        for post in dict.fromkeys(of_kind["post"].dropna()):
            rows = select("grootboek", telt_mee=True, soort=kind, post=post)
            figure = Kengetal(f"fin.{short}.{code_of(post)}", f"{kind.capitalize()}, {post}", f"Som van de {kind} op de post {post}.", "eur", 2, (rows,), amount)  # fmt: skip
            yield figure
            yield share_of(figure, whole, f"Aandeel van de post {post} in alle {kind}.", 2)
            for goal in sorted(of_kind[of_kind["post"] == post]["doelstelling"].dropna().unique()):
                rows = select("grootboek", telt_mee=True, soort=kind, post=post, doelstelling=goal)
                yield Kengetal(f"fin.{short}.{code_of(post)}.{code_of(goal)}", f"{kind.capitalize()}, {post}, {goal}", f"Som van de {kind} op de post {post} voor doelstelling {goal}.", "eur", 2, (rows,), amount)  # fmt: skip
            goals = of_kind[of_kind["post"] == post]["doelstelling"]
            if goals.notna().any() and goals.isna().any():
                rows = select("grootboek", telt_mee=True, soort=kind, post=post, doelstelling=None)
                yield Kengetal(f"fin.{short}.{code_of(post)}.zonder_doelstelling", f"{kind.capitalize()}, {post}, zonder doelstelling", f"Som van de {kind} op de post {post} die bij geen doelstelling geboekt zijn.", "eur", 2, (rows,), amount)  # fmt: skip
        yield whole
    result = Kengetal("fin.resultaat", "Resultaat", "Inkomsten min uitgaven van het jaar.", "eur", 2, (select("grootboek", telt_mee=True),), BALANCE)  # fmt: skip
    yield result
    yield share_of(result, wholes["inkomsten"], "Resultaat als aandeel van alle inkomsten.", 2)


def _fte(year: Tables) -> Iterator[Kengetal]:
    for of_year in _values(year, "vte", "reeksjaar"):
        yield Kengetal(f"personeel.vte.{of_year}", f"VTE in {of_year}", f"Voltijdse equivalenten op de loonlijst in {of_year}.", "fte", 2, (select("vte", reeksjaar=of_year),), total("vte"))  # fmt: skip


def _staff(year: Tables) -> Iterator[Kengetal]:
    whole = Kengetal("personeel.inzet.totaal", "Inzet, totaal", "Som van de inzetbaarheid van al het personeel, in % van een voltijdse.", "percent_fte", 2, (select("personeel"),), total("inzet_pct"))  # fmt: skip
    for task in _values(year, "personeel", "kernopdracht"):
        figure = Kengetal(f"personeel.inzet.{code_of(task)}", f"Inzet, {task}", f"Som van de inzetbaarheid van het personeel voor {task}, in % van een voltijdse.", "percent_fte", 2, (select("personeel", kernopdracht=task),), total("inzet_pct"))  # fmt: skip
        yield figure
        yield share_of(figure, whole, f"Aandeel van {task} in de inzet van al het personeel.")
    yield whole
    yield Kengetal("personeel.personen", "Personeelsleden", "Personeelsleden in de lijst van het jaar.", "count", 0, (select("personeel"),), ROWS)  # fmt: skip


def _sisca(year: Tables) -> Iterator[Kengetal]:
    yield Kengetal("sisca.organisaties", "Organisaties in SISCA", "Verschillende organisaties met minstens één ingevulde indicator.", "count", 0, (select("sisca"),), distinct("kbo"))  # fmt: skip
    numbers = year["sisca"].dropna(subset="waarde").drop_duplicates("indicator")
    for code, text, unit in numbers[["indicator", "omschrijving", "eenheid"]].itertuples(
        index=False
    ):
        rows = (select("sisca", indicator=code),)
        warning = " Een som van percentages heeft geen betekenis op zich." if unit == "%" else ""
        decimals = 0 if unit == "aantal" else 2 if unit in {"eur", "vte"} else 1
        yield Kengetal(f"sisca.{code}.som", f"{text}, som", f"Som over de organisaties die de indicator invulden.{warning}", unit, decimals, rows, total("waarde"))  # fmt: skip
        yield Kengetal(f"sisca.{code}.n", f"{text}, ingevuld door", "Organisaties die de indicator invulden.", "count", 0, rows, distinct("kbo"))  # fmt: skip
    yield from _sector_spread(year)
    yield from _sector_ratios(year)


def _of_sector(text: str, function: str) -> Measure:
    """Return the measure that a function of `sector` makes of the values of one indicator."""

    def of(rows: pd.DataFrame) -> float | None:
        from socius_lib import sector  # what computes inequality is slow to import

        level = "afgeschermd" if (rows["toegangsniveau"] != "publiek").any() else "publiek"
        return _or_none(getattr(sector, function)(rows["waarde"], level))

    return Measure(text, of)


_MEDIAN = _of_sector("mediaan van waarde", "middle")
_MIDDLE = _of_sector("gemiddelde van de vijf of zes middelste waarden", "middle")
_GINI = _of_sector("Gini-coëfficiënt van waarde", "gini")
_TENTH = _of_sector("aandeel van het grootste tiende in de som van waarde", "largest_tenth")


def _sector_spread(year: Tables) -> Iterator[Kengetal]:
    numbers = year["sisca"].dropna(subset="waarde").drop_duplicates("indicator")
    for code, text, unit, level in numbers[
        ["indicator", "omschrijving", "eenheid", "toegangsniveau"]
    ].itertuples(index=False):
        rows = (select("sisca", indicator=code),)
        decimals = 0 if unit == "aantal" else 2 if unit in {"eur", "vte"} else 1
        if level == "publiek":
            yield Kengetal(f"sisca.{code}.mediaan", f"{text}, mediaan", "Mediaan van de organisaties die de indicator invulden.", unit, decimals, rows, _MEDIAN)  # fmt: skip
        else:
            yield Kengetal(f"sisca.{code}.mediaan", f"{text}, midden", "Gemiddelde van de vijf (bij een even aantal zes) middelste organisaties die de indicator invulden; de mediaan zelf kan de waarde van één organisatie zijn, en de indicator is afgeschermd.", unit, decimals, rows, _MIDDLE)  # fmt: skip
        if unit != "%":
            yield Kengetal(f"sisca.{code}.gini", f"{text}, Gini", "Ongelijkheid tussen de organisaties die de indicator invulden, ook met nul: 0 als elke organisatie evenveel heeft, bijna 1 als één alles heeft.", "score", 2, rows, _GINI)  # fmt: skip
            yield Kengetal(f"sisca.{code}.grootste_tiende.pct", f"{text}, aandeel van het grootste tiende", "Aandeel van de som dat het grootste tiende van de organisaties heeft (Lorenzcurve, recht tussen twee organisaties).", "percent", 1, rows, _TENTH)  # fmt: skip


def _of_ratio(ratio: Ratio) -> Measure:
    def of(rows: pd.DataFrame) -> float | None:
        from socius_lib import sector

        return _or_none(sector.compute_ratio(rows, ratio)[0])

    return Measure(ratio.formula, of)


def _sector_ratios(year: Tables) -> Iterator[Kengetal]:
    from socius_lib import sector

    sisca = year["sisca"]
    known = set(sisca.dropna(subset="waarde")["indicator"])
    secret = set(sisca[sisca["toegangsniveau"] != "publiek"]["indicator"])
    for ratio in (*sector.RATIOS, *sector.money_ratios(sisca)):
        if set(ratio.indicators) <= known:
            coarse = " Op een geheel afgerond als weinig organisaties niet alles invulden: er is een afgeschermde indicator bij." if secret & set(ratio.summed) else ""  # fmt: skip
            definition = f"{ratio.label}: som over som, van de organisaties die alle indicatoren van de breuk invulden.{coarse}"  # fmt: skip
            unit, decimals = ("percent", 0 if coarse else ratio.decimals) if ratio.percent else ("count", ratio.decimals)  # fmt: skip
            yield Kengetal(f"sisca.{ratio.id}", ratio.label, definition, unit, decimals, (select("sisca", indicator=ratio.indicators),), _of_ratio(ratio))  # fmt: skip


def _growth(rows: pd.DataFrame) -> float | None:
    from socius_lib import sector

    return _or_none(sector.growth_of(rows))


def _in_both_years(rows: pd.DataFrame) -> int:
    return int((rows.dropna(subset="waarde").groupby("kbo")["jaar"].nunique() == 2).sum())


GROWTH = Measure("groei van de som van waarde, bij dezelfde organisaties,", _growth)
IN_BOTH = Measure("aantal verschillende kbo in beide jaren", _in_both_years)


def _sector_growth(year: Tables) -> Iterator[Kengetal]:
    now, name = year["sisca"], f"sisca{BEFORE}"
    try:
        before = year[name]
    except MissingTable:
        return
    if set(now["registratie"]) != set(before["registratie"]):
        return  # SISCA 1.0 and 2.0 do not compare
    numbers = now.dropna(subset="waarde").drop_duplicates("indicator")
    numbers = numbers[numbers["indicator"].isin(before["indicator"]) & (numbers["eenheid"] != "%")]
    for code, text, level in numbers[["indicator", "omschrijving", "toegangsniveau"]].itertuples(index=False):  # fmt: skip
        rows = (select("sisca", indicator=code), select(name, indicator=code))
        coarse = "" if level == "publiek" else " Op een heel procent als weinig organisaties in maar één van de jaren invulden: de indicator is afgeschermd."  # fmt: skip
        yield Kengetal(f"sisca.groei.{code}", f"{text}, groei", f"Groei van de som tegenover het jaar ervoor, bij de organisaties die de indicator in beide jaren invulden; nooit tussen SISCA 1.0 en 2.0.{coarse}", "percent", 0 if coarse else 1, rows, GROWTH)  # fmt: skip
        yield Kengetal(f"sisca.groei.{code}.n", f"{text}, ingevuld in beide jaren", "Organisaties die de indicator in het jaar en in het jaar ervoor invulden.", "count", 0, rows, IN_BOTH)  # fmt: skip


def _recognised_in_both(rows: pd.DataFrame) -> int:
    found = rows.groupby("kbo")[["indicator", "organisatie_id"]].count() > 0
    return int(found.all(axis=1).sum())


def _sector_coverage(year: Tables) -> Iterator[Kengetal]:
    registered = Kengetal("sisca.erkend", "Erkende organisaties in SISCA", "Erkende organisaties van het jaar met minstens één ingevulde indicator, herkend aan het KBO-nummer.", "count", 0, (select("sisca"), *_RECOGNISED.selections), Measure("aantal verschillende kbo in beide", _recognised_in_both))  # fmt: skip
    yield registered
    yield share_of(registered, _RECOGNISED, "Aandeel van de erkende organisaties van het jaar dat SISCA invulde.")  # fmt: skip


ALSO = {
    "bereik.erkend.organisaties": "aanbod.organisaties.erkend",
    "bereik.erkend.instromer.organisaties": "aanbod.organisaties.instromer",
    "bereik.niet_erkend.organisaties": "aanbod.organisaties.niet_erkend",
    "tevredenheid.gemiddeld_pct": "aanbod.tevredenheid",
    "tevredenheid.nps": "aanbod.nps",
    "vragen.totaal.gerealiseerd": "vraag.gerealiseerd.totaal",
    "overleg.momenten": "overleg.momenten.totaal",
}
"""Other names under which `streefwaarden.csv` asks for a figure."""


@dataclass(frozen=True)
class Family:
    """Figures that are made together: how their ids begin, which tables they need, who makes them."""

    ids: str
    needs: tuple[str, ...]
    make: Callable[[Tables], Iterator[Kengetal]]


FAMILIES = (
    Family("aanbod.activiteiten, aanbod.duur, aanbod.duur_gem", ("activiteiten",), _activities),
    Family("aanbod.deelnemers, aanbod.uniek, aanbod.organisaties", ("deelnames",), _participation),
    Family("aanbod.uniek.terugkerend", ("deelnames",), _returning),
    Family("aanbod.bereik, bereik.erkend.aanbod", ("deelnames", "organisaties"), _reach),
    Family("aanbod.tevredenheid, aanbod.nps", ("evaluaties",), _satisfaction),
    Family("aanbod.tevredenheid.respons.pct", ("evaluaties", "deelnames"), _response),
    Family("vraag", ("vragen",), _requests),
    Family("bereik.erkend", ("deelnames", "vragen", "organisaties"), _reach_of_both),
    Family("overleg", ("overleg", "actoren"), _meetings),
    Family(
        "overleg.initiatief, overleg.thema, overleg.duur, overleg.inzet, overleg.medewerkers, overleg.netwerk",
        ("overleg", "actoren"),
        _meeting_work,
    ),
    Family("media.mailing", ("abonnees",), _mailing),
    Family("media.mailing.bereik", ("abonnees", "organisaties"), _mailing_reach),
    Family("media.web, media.social", ("webstatistiek",), _web),
    Family("corona.bevraging", ("sectorbevraging",), _sector_survey),
    Family("onderzoek.sectorbevraging", ("sectorbevraging",), _survey_answers),
    Family("onderzoek.beleidsplannen", ("plannen", "codes", "fragmenten"), _plans),
    Family(
        "onderzoek.beleidsplannen.code, onderzoek.beleidsplannen.zwakke_codes",
        ("codes", "fragmenten"),
        _coding,
    ),
    Family("fin", ("grootboek",), _money),
    Family("personeel.vte", ("vte",), _fte),
    Family("personeel.inzet", ("personeel",), _staff),
    Family("sisca", ("sisca",), _sisca),
    Family("sisca.groei", ("sisca",), _sector_growth),
    Family("sisca.erkend", ("sisca", "organisaties"), _sector_coverage),
)
