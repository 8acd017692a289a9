"""The description of every variable of the value research data set, in Dutch and in English.

The table is filled by it, the SPSS labels and both codebooks are made of it.

Who may know what (the stricter reading of the sharing levels, where an organisation is at stake):

- `publiek`: public per organisation. SISCA values of access level *publiek* are.
- `overeenkomst`: what the office knows of a named organisation; only for a partner with an agreement
  on microdata. Counts of people are broad classes: a number below 5 would come near to persons, and
  exact numbers above it would, with the published totals, give the small ones away.
- `vertrouwelijk`: used inside the workbench for models and descriptives, never written per
  organisation. The answers of one organisation to the sector survey are; partners get the mean of
  its group, of at least `LEAST_ANSWERS` answers.

The rows carry the KBO number. A research code instead would protect nobody: one public SISCA number
(the subsidy, say) already finds the organisation. So the file holds only what the partner may know of
an organisation by name, and with the KBO number it can be joined to other public sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from socius_lib.format import format_number
from socius_lib.sector_survey import LEAST_ITEMS, SCALES

Language = Literal["nl", "en"]
Kind = Literal["text", "code", "whole", "number"]
Privacy = Literal["publiek", "overeenkomst", "vertrouwelijk"]

NOT_ASKED, NOT_APPLICABLE, NOT_FILLED_IN = -7, -8, -9
LEAST_ANSWERS = 10
"""Answers behind a mean that a partner gets, at least."""


@dataclass(frozen=True)
class Value:
    """A code and what it means."""

    code: int
    nl: str
    en: str


MISSING = (
    Value(NOT_ASKED, "niet gevraagd dat jaar", "not asked that year"),
    Value(NOT_APPLICABLE, "niet van toepassing", "not applicable"),
    Value(NOT_FILLED_IN, "niet ingevuld", "not filled in"),
)


@dataclass(frozen=True)
class Variable:
    """One variable of the data set.

    Attributes
    ----------
    name : Dutch, with the unit in it where there is one.
    nl, en : label.
    kind : `text`, `code` (see `codes`), `whole` or `number`.
    part : the group that it belongs to, Dutch; see `PARTS`.
    tables : the workbench's tables that it is made of.
    of : what in them: an indicator of SISCA, a column, or a code of the plans with its group.
    absent : why a value is missing in a year that has the source.
    unit_nl, unit_en : unit of a number.
    note_nl, note_en : what one has to know before using it.
    """

    name: str
    nl: str
    en: str
    kind: Kind
    part: str
    tables: tuple[str, ...]
    of: str = ""
    codes: tuple[Value, ...] = ()
    absent: int = NOT_FILLED_IN
    privacy: Privacy = "publiek"
    unit_nl: str = ""
    unit_en: str = ""
    note_nl: str = ""
    note_en: str = ""

    @property
    def shared(self) -> bool:
        """Whether partners get it per organisation."""
        return self.privacy != "vertrouwelijk"


OTHER = Value(99, "andere, niet in het codeboek", "other, not in the codebook")
YES_NO = (Value(0, "nee", "no"), Value(1, "ja", "yes"))
TYPES = (
    Value(1, "regionaal", "regional"),
    Value(2, "thema", "theme"),
    Value(3, "doelgroep", "target group"),
)
TERRITORIES = (Value(1, "landelijk", "national (Flanders)"), Value(2, "regionaal", "regional"))
SUBSIDY_SCALES = (*(Value(i, letter, letter) for i, letter in enumerate("ABCD", start=1)), OTHER)
REGISTRATIONS = (Value(1, "SISCA 1.0", "SISCA 1.0"), Value(2, "SISCA 2.0", "SISCA 2.0"))
WORK = (
    Value(1, "vereniging", "association"),
    Value(2, "beweging", "movement"),
    Value(3, "vormingsinstelling", "training institute"),
    Value(4, "volkshogeschool", "folk high school"),
    Value(5, "syndicale vormingsinstelling", "trade union training institute"),
    OTHER,
)
ROLES = (
    Value(1, "kritische rol", "critical role"),
    Value(2, "laboratoriumrol", "laboratory role"),
    Value(3, "verbindende rol", "connecting role"),
    OTHER,
)
GROUPS = (
    *TYPES,
    Value(4, "regionaal en thema samen", "regional and theme together"),
    Value(5, "regionaal en doelgroep samen", "regional and target group together"),
    Value(6, "thema en doelgroep samen", "theme and target group together"),
    Value(7, "alle types samen", "all types together"),
)
CLASSES = (
    Value(0, "geen", "none"),
    Value(1, "1 tot 4", "1 to 4"),
    Value(2, "5 tot 9", "5 to 9"),
    Value(3, "10 tot 19", "10 to 19"),
    Value(4, "20 of meer", "20 or more"),
)
CLASS_BOUNDS = (0, 1, 5, 10, 20)
"""From which number on each of `CLASSES` holds."""

PARTS = {
    "kenmerken": "characteristics",
    "SISCA": "SISCA registration",
    "rollen en functies": "roles and functions",
    "beleidsplan": "policy plan",
    "sectorbevraging": "sector survey",
    "bereik": "reach of the office",
}

FUNCTIONS = {
    "cultuur": ("cultuurfunctie", "cultural function", "ACT04"),
    "leer": ("leerfunctie", "learning function", "ACT05"),
    "gemeenschap": ("gemeenschapsvormende functie", "community-building function", "ACT06"),
    "beweging": ("maatschappelijke bewegingsfunctie", "social movement function", "ACT07"),
}
"""The four functions of the decree: name, English name, the indicator that counts its activities."""
TAKES_UP, ROLE = "SCI01", "SCI02"

VALUE_SCALES = {
    "personen": ("voor personen", "for persons"),
    "gemeenschappen": ("voor gemeenschappen", "for communities"),
    "samenleving": ("voor de samenleving", "for society"),
}
"""The value scales of `sector_survey.SCALES`, and their names."""

_REGISTERS = ("organisaties", "sisca")
_BREAK = (
    "SISCA 1.0 (tot 2020) en 2.0 (vanaf 2021) vragen het anders: vergelijk niet over die breuk.",
    "SISCA 1.0 (to 2020) and 2.0 (from 2021) ask differently: do not compare across that break.",
)


def _registry(name: str, nl: str, en: str, values: tuple[Value, ...]) -> Variable:
    """Return a characteristic that the recognition of an organisation gives it."""
    return Variable(
        name, nl, en, "code", "kenmerken", ("organisaties",), name, values, NOT_APPLICABLE,
        note_nl="Alleen van organisaties die dat jaar erkend zijn.",
        note_en="Of organisations recognised that year only.",
    )  # fmt: skip


def _sisca(
    name: str, of: str, nl: str, en: str, unit: tuple[str, str] = ("aantal", "count")
) -> Variable:
    kind: Kind = "whole" if unit[1] == "count" else "number"
    return Variable(
        name, nl, en, kind, "SISCA", ("sisca",), of,
        unit_nl=unit[0], unit_en=unit[1], note_nl=_BREAK[0], note_en=_BREAK[1],
    )  # fmt: skip


def _functions() -> Sequence[Variable]:
    part, sisca = "rollen en functies", ("sisca",)
    takes_up = [
        Variable(f"functie_{short}", f"Neemt de {nl} op", f"Takes up the {en}", "code", part,
                 sisca, TAKES_UP, YES_NO)
        for short, (nl, en, _) in FUNCTIONS.items()
    ]  # fmt: skip
    done = [
        Variable(
            f"activiteiten_{short}", f"Activiteiten: {nl}", f"Activities: {en}", "whole", part,
            sisca, code, unit_nl="aantal", unit_en="count",
            note_nl="Ook wie de functie niet opneemt, kan er activiteiten voor tellen.",
            note_en="Those who do not take up the function may count activities for it too.",
        )
        for short, (nl, en, code) in FUNCTIONS.items()
    ]  # fmt: skip
    shares = [
        Variable(
            f"aandeel_{short}_pct", f"Aandeel van de {nl} in de activiteiten",
            f"Share of the {en} in the activities", "number", part, sisca, code,
            unit_nl="%", unit_en="%",
            note_nl="In de som van de vier functies; alleen als alle vier ingevuld zijn.",
            note_en="In the sum of the four functions; only where all four are filled in.",
        )
        for short, (nl, en, code) in FUNCTIONS.items()
    ]  # fmt: skip
    return [*takes_up, *done, *shares]


def _plan(name: str, of: str, nl: str, en: str) -> Variable:
    return Variable(
        f"plan_{name}", f"Fragmenten in het beleidsplan: {nl}", f"Segments in policy plan: {en}",
        "whole", "beleidsplan", ("plannen", "codes", "fragmenten"), of, (), NOT_APPLICABLE,
        "overeenkomst", "aantal", "count",
        "Coderingen door de hoofdlezer; niet van toepassing: geen plan in het project. De alfa is die van "
        "de telling per plan over de proeflezing.",
        "Codings by the main reader; not applicable: no plan in the project. Alpha is that of the count "
        "per plan over the test reading.",
    )  # fmt: skip


def items_of(scale: str) -> str:
    """Return the statements of a scale, as the codebook names them."""
    return ", ".join(SCALES[scale])


def _scales() -> Sequence[Variable]:
    survey = ("sectorbevraging",)
    own = [
        Variable(
            f"waarde_{short}", f"Waarde {nl}: eigen schaalscore", f"Value {en}: own scale score",
            "number", "sectorbevraging", survey, items_of(short), privacy="vertrouwelijk",
            unit_nl="1–5", unit_en="1–5",
            note_nl=f"Gemiddelde van de stellingen, minstens {LEAST_ITEMS} ingevuld; 'weet niet' telt "
            "niet. Het antwoord van één organisatie is vertrouwelijk: alleen in modellen.",
            note_en=f"Mean of the statements, at least {LEAST_ITEMS} answered; 'don't know' does not "
            "count. The answer of one organisation is confidential: in models only.",
        )
        for short, (nl, en) in VALUE_SCALES.items()
    ]  # fmt: skip
    of_group = [
        Variable(
            f"groep_waarde_{short}", f"Waarde {nl}: gemiddelde van de groep",
            f"Value {en}: mean of the group", "number", "sectorbevraging", survey, items_of(short), (),
            NOT_APPLICABLE, "overeenkomst", "1–5", "1–5",
            "Van de organisaties van dezelfde groep die antwoordden, minstens "
            f"{LEAST_ANSWERS}; niet van deze organisatie.",
            f"Of the organisations of the same group that answered, at least {LEAST_ANSWERS}; not of "
            "this organisation.",
        )
        for short, (nl, en) in VALUE_SCALES.items()
    ]  # fmt: skip
    return [*own, *of_group]


def _classes(name: str, nl: str, en: str) -> Variable:
    return Variable(
        f"{name}_klasse", f"{nl}, in klassen", f"{en}, in classes", "code", "bereik",
        ("organisaties", "deelnames"), name, CLASSES, privacy="overeenkomst",
        note_nl="Klassen, want kleine aantallen komen dicht bij personen.",
        note_en="Classes, for small numbers come near to persons.",
    )  # fmt: skip


VARIABLES: tuple[Variable, ...] = (
    Variable("kbo", "KBO-nummer", "Enterprise number (KBO/BCE)", "text", "kenmerken", _REGISTERS, "kbo"),
    Variable("jaar", "Werkjaar", "Year", "whole", "kenmerken", _REGISTERS, "jaar"),
    Variable(
        "registratie", "Registratie van SISCA", "Version of the SISCA registration", "code",
        "kenmerken", ("sisca",), "registratie", REGISTRATIONS,
        note_nl=_BREAK[0], note_en=_BREAK[1],
    ),
    Variable("erkend", "Erkend in dat jaar", "Recognised in that year", "code", "kenmerken",
             ("organisaties",), "erkend", YES_NO),
    _registry("type", "Type", "Type", TYPES),
    _registry("werkingsgebied", "Werkingsgebied", "Territory", TERRITORIES),
    _registry("instromer", "Instromer: nieuw erkend bij het begin van de beleidsperiode",
              "New entrant: newly recognised at the start of the policy period", YES_NO),
    _registry("subsidieschaal", "Subsidieschaal", "Subsidy scale", SUBSIDY_SCALES),
    Variable("werksoort", "Werksoort", "Type of work (before 2021)", "code", "kenmerken",
             ("sisca",), "werksoort", WORK,
             note_nl="Bestaat alleen in SISCA 1.0.", note_en="Exists in SISCA 1.0 only."),
    _sisca("medewerkers", "ORG01", "Medewerkers (personen)", "Staff (persons)"),
    _sisca("vte", "ORG02", "Medewerkers (voltijdse equivalenten)", "Staff (full-time equivalents)",
           ("vte", "fte")),
    _sisca("vrijwilligers", "VRW01", "Vrijwilligers (personen)", "Volunteers (persons)"),
    _sisca("leden", "ORG04", "Leden", "Members"),
    _sisca("lokale_groepen", "ORG05", "Lokale groepen", "Local groups"),
    _sisca("activiteiten", "ACT01", "Aantal activiteiten", "Number of activities"),
    _sisca("deelnames_sisca", "ACT02", "Deelnames aan de eigen activiteiten",
           "Participations in its own activities"),
    _sisca("digitaal_pct", "ACT03", "Aandeel digitale activiteiten", "Share of digital activities",
           ("%", "%")),
    _sisca("subsidie_eur", "ORG06", "Subsidie sociaal-cultureel volwassenenwerk",
           "Subsidy for socio-cultural adult work", ("euro", "euro")),
    Variable("rol", "Zwaartepunt in de rollen", "Main role", "code", "rollen en functies",
             ("sisca",), ROLE, ROLES),
    *_functions(),
    _plan("fragmenten", "", "alle codes", "all codes"),
    _plan("identiteit", "Identiteit", "groep Identiteit", "group Identity"),
    _plan("functies", "Functies", "groep Functies", "group Functions"),
    _plan("rollen", "Rollen", "groep Rollen", "group Roles"),
    _plan("werking", "Werking", "groep Werking", "group Operations"),
    _plan("zakelijk", "Zakelijk", "groep Zakelijk", "group Business"),
    *(
        _plan(f"functie_{short}", f"Functies / {nl}", nl, en)
        for short, (nl, en, _) in FUNCTIONS.items()
    ),
    *(
        _plan(f"rol_{short}", f"Rollen / {role.nl}", role.nl, role.en)
        for short, role in zip(("kritisch", "laboratorium", "verbindend"), ROLES, strict=False)
    ),
    *_scales(),
    Variable("groep", "Groep van de sectorbevraging", "Group of the sector survey", "code",
             "sectorbevraging", ("sectorbevraging", "organisaties"), "type", GROUPS, NOT_APPLICABLE,
             "overeenkomst",
             note_nl="Organisaties van hetzelfde type; een type met te weinig antwoorden is met een "
             "ander samengenomen.",
             note_en="Organisations of the same type; a type with too few answers is taken together "
             "with another."),
    Variable("groep_antwoorden", "Antwoorden in de groep", "Answers in the group", "whole",
             "sectorbevraging", ("sectorbevraging", "organisaties"), "type", (), NOT_APPLICABLE,
             "overeenkomst", "aantal", "count"),
    Variable("bereikt_aanbod", "Bereikt met het aanbod: minstens één deelname",
             "Reached by the office's offer: at least one participation", "code", "bereik",
             ("organisaties", "deelnames"), "deelnames", YES_NO, privacy="overeenkomst"),
    Variable("bereikt_vraag", "Bereikt op vraag: minstens één gerealiseerde vraag",
             "Reached on request: at least one request carried out", "code", "bereik",
             ("organisaties", "vragen"), "gerealiseerd", YES_NO, privacy="overeenkomst"),
    Variable("deelnames", "Deelnames aan het aanbod van Socius",
             "Participations in the offer of Socius", "whole", "bereik",
             ("organisaties", "deelnames"), "deelnames", privacy="vertrouwelijk",
             unit_nl="aantal", unit_en="count"),
    Variable("personen", "Personen die aan het aanbod van Socius deelnamen",
             "Persons who took part in the offer of Socius", "whole", "bereik",
             ("organisaties", "deelnames"), "personen", privacy="vertrouwelijk",
             unit_nl="aantal", unit_en="count"),
    _classes("deelnames", "Deelnames aan het aanbod van Socius",
             "Participations in the offer of Socius"),
    _classes("personen", "Personen die aan het aanbod van Socius deelnamen",
             "Persons who took part in the offer of Socius"),
)  # fmt: skip
"""Every variable, in the order of the data set."""

BY_NAME = {variable.name: variable for variable in VARIABLES}


@dataclass(frozen=True)
class LeftOut:
    """What a researcher may look for and not find, and why."""

    nl: str
    en: str
    why_nl: str
    why_en: str


LEFT_OUT = (
    LeftOut(
        "tevredenheid van de deelnemers van een organisatie",
        "satisfaction of an organisation's participants",
        "Evaluaties zijn anoniem: geen enkel antwoord is aan een organisatie te koppelen.",
        "Evaluations are anonymous: no answer can be linked to an organisation.",
    ),
    LeftOut(
        "SISCA-waarden met toegangsniveau afgeschermd (geld, vrouwen, vrijwilligersuren)",
        "SISCA values of access level afgeschermd (money, women, volunteer hours)",
        "Afgeschermd verlaat de werkbank nooit per organisatie, ook niet in klassen.",
        "Protected values never leave the workbench per organisation, nor in classes.",
    ),
    LeftOut(
        "naam van de organisatie, namen van personen, lezers van de plannen",
        "name of the organisation, names of persons, readers of the plans",
        "Het KBO-nummer volstaat; personen staan niet in deze gegevens.",
        "The enterprise number will do; persons are not in these data.",
    ),
)

KINDS = {
    "text": ("tekst", "text"),
    "code": ("code", "code"),
    "whole": ("geheel getal", "whole number"),
    "number": ("getal", "number"),
}
PRIVACY_EN = {"publiek": "public", "overeenkomst": "agreement", "vertrouwelijk": "confidential"}
COLUMNS = {
    "nl": ("variabele", "label", "deel", "soort", "eenheid", "waarden", "bron", "ontbreekt",
           "privacy", "in_bestand", "betrouwbaarheid", "toelichting"),
    "en": ("variable", "label", "part", "kind", "unit", "values", "source", "missing",
           "privacy", "in_file", "reliability", "note"),
}  # fmt: skip


def text_of(value: Value, language: Language) -> str:
    """Return what a code means."""
    return value.nl if language == "nl" else value.en


def codebook(language: Language = "nl", reliability: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the codebook: a row per variable, and a row per thing that was left out on purpose.

    Parameters
    ----------
    language : `nl` or `en`; the columns are in that language too (`COLUMNS`).
    reliability : as `table.reliability` gives it, to be told with the variables that it is of.
    """
    dutch = language == "nl"
    alphas = {} if reliability is None else reliability.set_index("variabele")["alfa"].to_dict()
    weak = set() if reliability is None else set(reliability.query("zwak")["variabele"])
    rows = [
        _entry(variable, language, alphas.get(variable.name), variable.name in weak)
        for variable in VARIABLES
    ]
    for left in LEFT_OUT:
        what, why = (left.nl, left.why_nl) if dutch else (left.en, left.why_en)
        part, no = ("niet opgenomen", "nee") if dutch else ("left out", "no")
        rows.append(["–", what, part, *[""] * 6, no, "", why])
    return pd.DataFrame(rows, columns=list(COLUMNS[language]))


READING = {
    "nl": (
        "Variabele",
        "Betekenis",
        "Waarden",
        "Ontbreekt",
        "Bron",
        "Privacy",
        "deel",
        "toelichting",
    ),
    "en": ("Variable", "Meaning", "Values", "Missing", "Source", "Privacy", "part", "note"),
}


def codebook_to_read(entries: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a codebook in fewer, fuller columns (`READING`), for a page."""
    name, label, part, kind, unit, values, source, missing, privacy, inside, alpha, note = (
        entries[column] for column in COLUMNS[language]
    )
    said = [" – ".join(filter(None, parts)) for parts in zip(label, alpha, strict=True)]
    kinds = [", ".join(filter(None, parts)) for parts in zip(kind, unit, strict=True)]
    codes = missing.str.findall(r"-\d").str.join(", ")
    stays = {"nl": "niet in het bestand", "en": "not in the file"}[language]
    who = privacy.where(
        ~inside.isin(["nee", "no"]), (privacy + ", " + stays).str.removeprefix(", ")
    )
    columns = (name, said, values.where(values != "", kinds), codes, source, who, part, note)
    return pd.DataFrame(dict(zip(READING[language], columns, strict=True)))


def _entry(variable: Variable, language: Language, alpha: float | None, weak: bool) -> list[str]:
    dutch = language == "nl"
    reliable = ""
    if alpha is not None and not pd.isna(alpha):
        reliable = f"alfa {format_number(alpha, 2)}" if dutch else f"alpha {alpha:.2f}"
        if weak:
            reliable += ": zwak, niet interpreteren" if dutch else ": weak, do not interpret"
    missing = [NOT_ASKED, variable.absent] if variable.name not in {"kbo", "jaar"} else []
    source = f"{', '.join(variable.tables)}{f' ({variable.of})' if variable.of else ''}"
    return [
        variable.name,
        variable.nl if dutch else variable.en,
        variable.part if dutch else PARTS[variable.part],
        KINDS[variable.kind][0 if dutch else 1],
        variable.unit_nl if dutch else variable.unit_en,
        "; ".join(f"{value.code} = {text_of(value, language)}" for value in variable.codes),
        source,
        "; ".join(f"{v.code} = {text_of(v, language)}" for v in MISSING if v.code in missing),
        variable.privacy if dutch else PRIVACY_EN[variable.privacy],
        ("ja" if dutch else "yes") if variable.shared else ("nee" if dutch else "no"),
        reliable,
        variable.note_nl if dutch else variable.note_en,
    ]
