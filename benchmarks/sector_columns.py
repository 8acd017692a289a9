"""The sector's year in plain pandas, as a good analyst writes it: what ours is measured beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sector_data import EVENTS, JAAR, PARTNERS, REGISTRATIONS

SHARED = ["info", "secretariaat", "onthaal", "contact", "admin", "team"]
STATUS = {
    "done": "bezocht",
    "open": "bevestigd",
    "draft": "onbevestigd",
    "cancel": "geannuleerd",
}
BEROEP = {
    "Directeur/coördinator": "directeur",
    "Communicatie/ICT-medewerker": "communicatie/ICT",
    "Sociaal-cultureel werker": "sociaal-cultureel werker",
}
ALLOWED = {
    "koppelwijze": ["e-mail", "naam", "koppeling", "boeker", "onbekend"],
    "beroep": [*BEROEP.values(), "zakelijk verantwoordelijke", "administratief/logistiek"],
    "status": list(STATUS.values()),
    "vorm": ["online", "offline", "blended"],
    "doelgroep": ["primair", "secundair"],
    "type": ["regionaal", "thema", "doelgroep"],
    "werkingsgebied": ["landelijk", "regionaal"],
}
SEGMENTS = {
    "x_studio_doelgroep": "doelgroep",
    "x_studio_erkend": "erkend",
    "x_studio_type": "type",
    "x_studio_werkingsgebied": "werkingsgebied",
    "x_studio_instromer": "instromer",
    "x_studio_subsidieschaal": "subsidieschaal",
    "x_studio_sector": "sector",
}


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", na_values=[""], keep_default_na=False)


def _fold(text: pd.Series) -> pd.Series:
    plain = text.str.lower().str.normalize("NFKD").str.replace(r"[\u0300-\u036f]", "", regex=True)
    return plain.str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()


def _moments(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format="%Y-%m-%d %H:%M:%S", errors="coerce")


def _on_unique(text: pd.Series, make) -> pd.Series:
    """Apply to each different text once."""
    different = pd.Series(text.dropna().unique(), dtype="str")
    return text.map(pd.Series(make(different).array, index=different.array))


def _name_key(name: pd.Series) -> pd.Series:
    parts = name.str.split(",", n=1)
    turned = parts.str[1] + " " + parts.str[0]
    return _fold(turned.fillna(name)).str.replace(" ", "")


def _organisation_key(name: pd.Series) -> pd.Series:
    folded = _fold(name.str.replace(".", ""))
    return folded.str.replace(r"^vzw | vzw$", "", regex=True).str.replace(" ", "")


def _single(text: pd.Series) -> pd.Series:
    return text.str.replace(r" +", " ", regex=True).str.strip()


def run(year: Path, folder: Path, segments: list[list[str]]) -> list[pd.DataFrame]:
    """Return the reach per segment, and how many rows do not count per reason."""
    organisations, of_mail, of_name, of_partner = _partners(_read(year / PARTNERS))
    events = _events(_read(year / EVENTS))
    raw = _read(year / REGISTRATIONS)
    rows = pd.DataFrame(
        {
            "inschrijving_id": raw["id"],
            "activiteit_id": raw["event_id/id"],
            "naam": _single(raw["name"]),
            "email": raw["email"].str.replace(" ", "").str.lower(),
            "telefoon": raw["phone"].str.lstrip("'"),
            "getypte_organisatie": _single(raw["company_name"]),
            "beroep": raw["x_studio_functie"].map(BEROEP),
            "status": raw["state"].map(STATUS),
            "ingeschreven_op": _moments(raw["create_date"]),
            "bestand": "inschrijvingen",
            "rij": np.arange(2, len(raw) + 2),
        }
    )
    no_mail = rows["email"].notna() & ~rows["email"].str.contains("@", na=False, regex=False)
    rows["email"] = rows["email"].mask(no_mail)
    no_job = raw["x_studio_functie"].notna() & rows["beroep"].isna()
    by_mail, by_booker = rows["email"].map(of_mail), raw["partner_id/id"].map(of_partner)
    by_name = _on_unique(raw["company_name"], _organisation_key).map(of_name)
    no_moment = raw["create_date"].notna() & rows["ingeschreven_op"].isna()
    no_moment |= raw["date_closed"].notna() & _moments(raw["date_closed"]).isna()
    del raw
    rows["organisatie_id"] = by_mail.fillna(by_name).fillna(by_booker)
    how = [by_mail.notna(), by_name.notna(), by_booker.notna()]
    rows["koppelwijze"] = np.select(how, ["e-mail", "naam", "boeker"], "onbekend")
    name_key = _on_unique(rows["naam"], _name_key)
    rows["persoon_id"] = _persons(rows, name_key)
    rows["reden_niet_geteld"] = _reasons(rows, events, name_key)
    rows["telt_mee"] = rows["reden_niet_geteld"].isna()
    again = rows[rows["telt_mee"]].duplicated(["activiteit_id", "persoon_id"])
    again = again.reindex(rows.index, fill_value=False)
    said = "zelfde persoon in dezelfde activiteit: eerste rij telt"
    rows["reden_niet_geteld"] = rows["reden_niet_geteld"].mask(again, said)
    rows["telt_mee"] &= ~again
    identity = ["naam", "email", "telefoon", "getypte_organisatie"]
    of_row = ["inschrijving_id", "persoon_id", "organisatie_id", *identity, "bestand", "rij"]
    _write(rows[of_row], "identiteit", folder, ["bestand", "rij"])
    _write(rows.drop(columns=identity), "inschrijvingen", folder, ["bestand", "rij"])
    problems = {"e-mail": no_mail, "functie": no_job, "datum": no_moment}
    _quality(rows, problems).to_parquet(folder / "kwaliteit.parquet", index=False)
    taken = [
        "inschrijving_id",
        "activiteit_id",
        "persoon_id",
        "organisatie_id",
        "koppelwijze",
        "beroep",
    ]
    counted = rows.loc[rows["telt_mee"], taken]
    left_out = rows["reden_niet_geteld"].value_counts().sort_index().rename_axis("reden")
    del rows
    of_event = events[["activiteit_id", "begint_op", "vorm", "thema"]]
    counted = counted.merge(of_event, on="activiteit_id", validate="m:1")
    counted = counted.merge(organisations, on="organisatie_id", how="left", validate="m:1")
    _write(counted, "deelnames", folder, ["activiteit_id", "persoon_id"])
    first = counted.sort_values(["begint_op", "inschrijving_id"]).drop_duplicates("persoon_id")
    times = counted["persoon_id"].value_counts()
    first = first.assign(deelnames=first["persoon_id"].map(times))
    _write(first, "personen", folder, ["persoon_id"])
    return [_reach(counted, by) for by in segments] + [left_out.reset_index(name="rijen")]


def _partners(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series, pd.Series, pd.Series]:
    company = table["is_company"] == "True"
    organisations = table[company].rename(columns={"id": "organisatie_id", **SEGMENTS})
    for name in ("doelgroep", "type", "werkingsgebied"):
        organisations[name] = organisations[name].str.lower()
    for name in ("erkend", "instromer"):
        organisations[name] = organisations[name].notna().astype("boolean")
    names = pd.concat([organisations["name"], organisations["x_studio_alias"]])
    known = pd.DataFrame({"sleutel": _organisation_key(names)})
    known["organisatie_id"] = organisations["organisatie_id"].reindex(known.index)
    known = known.dropna().drop_duplicates().drop_duplicates("sleutel", keep=False)
    contacts = table[~company]
    mails = contacts[["email", "parent_id/id"]].dropna().drop_duplicates()
    mails["email"] = mails["email"].str.strip().str.lower()
    mails = mails.drop_duplicates("email", keep=False)
    own = organisations["organisatie_id"]
    of_partner = pd.concat(
        [contacts.set_index("id")["parent_id/id"], pd.Series(own.array, index=own.array)]
    )
    return (
        organisations[["organisatie_id", *SEGMENTS.values()]],
        mails.set_index("email")["parent_id/id"],
        known.set_index("sleutel")["organisatie_id"],
        of_partner,
    )


def _events(table: pd.DataFrame) -> pd.DataFrame:
    begins = pd.to_datetime(table["date_begin"])
    checks = [
        begins.dt.year != JAAR,
        table["stage_id"] == "Geannuleerd",
        table["event_type_id"] == "Evenement",
    ]
    said = [f"begint niet in {JAAR}", "geannuleerd", "evenement, wordt apart geteld"]
    return pd.DataFrame(
        {
            "activiteit_id": table["id"],
            "begint_op": begins,
            "vorm": table["x_studio_vorm"].str.lower(),
            "thema": table["x_studio_thema"],
            "reden": pd.Series(np.select(checks, said, ""), dtype="str").replace("", None),
        }
    )


def _persons(rows: pd.DataFrame, name_key: pd.Series) -> pd.Series:
    """Return who each row is of: rows that share an address, or a name in an organisation."""
    mail = rows["email"].mask(rows["email"].str.split("@").str[0].isin(SHARED))
    name = (rows["organisatie_id"] + "/" + name_key).mask(name_key == "")
    mails, different_mails = pd.factorize(mail)
    names, different_names = pd.factorize(name)
    size = len(different_mails) + len(different_names)
    both = (mails >= 0) & (names >= 0)
    ends = (mails[both], names[both] + len(different_mails))
    bands = coo_array((np.ones(both.sum(), "int8"), ends), shape=(size, size))
    count, of_node = connected_components(bands, directed=False)
    alone = (mails < 0) & (names < 0)
    node = np.where(mails >= 0, mails, names + len(different_mails))
    person = np.where(alone, count + np.arange(len(rows)), of_node[np.where(alone, 0, node)])
    return "p" + pd.Series(person, index=rows.index).astype("str").str.zfill(16)


def _reasons(rows: pd.DataFrame, events: pd.DataFrame, name_key: pd.Series) -> pd.Series:
    reason = pd.Series(pd.NA, index=rows.index, dtype="str")
    reason = reason.mask(rows["status"].isna(), "Status: de waarde is leeg")
    again = rows["inschrijving_id"].where(reason.isna()).duplicated() & reason.isna()
    reason = reason.mask(again, "ID komt al voor: eerste rij telt")
    known = rows["activiteit_id"].isin(events["activiteit_id"])
    reason = reason.mask(reason.isna() & ~known, "activiteit staat niet in de export")
    of_event = rows["activiteit_id"].map(events.set_index("activiteit_id")["reden"])
    reason = reason.fillna("activiteit telt niet: " + of_event)
    reason = reason.fillna(("status " + rows["status"]).where(rows["status"] != "bezocht"))
    own = rows["email"].str.endswith("@socius.example", na=False)
    reason = reason.mask(reason.isna() & own, "eigen medewerker")
    return reason.mask(reason.isna() & (name_key == "test"), "test")


def _write(table: pd.DataFrame, name: str, folder: Path, key: list[str]) -> None:
    """Write a table after a check of its values and its key."""
    for column, values in ALLOWED.items():
        if column in table and not table[column].dropna().isin(values).all():
            raise ValueError(f"{name}: a value of {column} that may not be there")
    if table[key].isna().any(axis=None) or table.duplicated(key).any():
        raise ValueError(f"{name}: a key that is missing or there twice")
    table.to_parquet(folder / f"{name}.parquet", index=False)


def _quality(rows: pd.DataFrame, problems: dict[str, pd.Series]) -> pd.DataFrame:
    unknown = rows["telt_mee"] & rows["organisatie_id"].isna()
    parts = [
        rows.loc[~rows["telt_mee"], ["rij", "reden_niet_geteld"]].set_axis(
            ["rij", "reden"], axis=1
        ),
        rows.loc[unknown, ["rij"]].assign(reden="organisatie onbekend"),
        *(rows.loc[wrong, ["rij"]].assign(reden=reason) for reason, wrong in problems.items()),
    ]
    return pd.concat(parts, ignore_index=True)


def _reach(counted: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    if not by:
        persons, organisations = counted["persoon_id"], counted["organisatie_id"]
        counts = (len(counted), persons.nunique(), organisations.nunique())
        return pd.DataFrame([counts], columns=["deelnames", "personen", "organisaties"])
    return (
        counted.groupby(by, dropna=False)
        .agg(
            deelnames=("persoon_id", "size"),
            personen=("persoon_id", "nunique"),
            organisaties=("organisatie_id", "nunique"),
        )
        .reset_index()
    )
