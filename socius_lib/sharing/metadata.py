"""What machines and people are told of a bundle: its letter, `datapackage.json`, `ro-crate-metadata.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from socius_lib import store
from socius_lib.disclosure.cells import WITHHELD
from socius_lib.disclosure.complementary import FOR_OTHERS, TOO_FEW
from socius_lib.errors import SociusError
from socius_lib.format import format_number
from socius_lib.sharing.data_files import FOLDER, SharedColumn, SharedTable, plain_text

DATAPACKAGE, CRATE = "datapackage.json", "ro-crate-metadata.json"
LETTER = "brief"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_CRATE_PROFILE = "https://w3id.org/ro/crate/1.1"
_TYPES = {
    "text": "string",
    "whole": "integer",
    "number": "number",
    "yes_no": "boolean",
    "day": "date",
}
MEDIA = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".sav": "application/x-spss-sav",
    ".json": "application/json",
    ".xml": "application/xml",
    ".ipynb": "application/x-ipynb+json",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".lock": "text/plain",
    ".yml": "application/yaml",
    ".toml": "application/toml",
}


@dataclass(frozen=True)
class Release:
    """What is said of a bundle, the same in its letter and in all its descriptions.

    Attributes
    ----------
    title, description : Dutch.
    level : `publiek`, `partner` or `organisatie`.
    recipient, purpose, agreement : who gets it, what for, and by which agreement.
    made_on : day; nothing here reads the clock.
    version : of the workbench.
    licence : what one may do with it, a Dutch sentence; `licence_url` where it is a public one.
    contact, contact_email : whom to ask.
    made_up : the persons and organisations in it do not exist.
    """

    title: str
    description: str
    jaar: int
    level: str
    recipient: str
    purpose: str
    agreement: str
    made_on: date
    version: str
    licence: str
    contact: str
    contact_email: str
    made_up: bool
    licence_url: str = ""

    @property
    def citation(self) -> str:
        """How to cite the bundle."""
        version = f"Versie {self.made_on.isoformat()}, werkbank {self.version}."
        return f"Socius ({self.made_on.year}). {self.title}. {version}"


def _write_json(path: Path, said: Mapping[str, Any]) -> None:
    store.write_file(path, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def _field(column: SharedColumn) -> dict[str, Any]:
    described = [column.nl, column.unit_nl and f"in {column.unit_nl}", column.note_nl]
    said: dict[str, Any] = {"name": column.name, "title": column.nl}
    said["description"] = ". ".join(part for part in described if part)
    if column.kind == "code":
        whole = all(isinstance(value, int) for value in column.codes)
        said["type"] = "integer" if whole else "string"
        written = {v if whole else plain_text(v): nl for v, (nl, _) in column.codes.items()}
        said["constraints"] = {"enum": list(written)}
        said["categories"] = [{"value": v, "label": nl} for v, nl in written.items()]
    else:
        said["type"] = _TYPES[column.kind]
    if column.kind == "yes_no":
        said |= {"trueValues": ["ja"], "falseValues": ["nee"]}
    return said


def _resource(folder: Path, table: SharedTable) -> dict[str, Any]:
    path = f"{FOLDER}/{table.name}.csv"
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": ["", WITHHELD],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": table.name,
        "path": path,
        "title": table.nl,
        "description": f"Een rij is {table.row_nl}. '{WITHHELD}' staat waar een waarde niet getoond mag "
        "worden; een ' voor = + - @ houdt tekst tekst in een rekenblad.",
        **_file(folder, path),
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": schema,
    }


def _file(folder: Path, path: str) -> dict[str, Any]:
    ending = Path(path).suffix.casefold()
    return {
        "format": ending.removeprefix("."),
        "mediatype": MEDIA[ending],
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{store.hash_file(folder / path)}",
    }


def write_datapackage(
    folder: Path, release: Release, tables: Sequence[SharedTable], files: Mapping[str, str]
) -> None:
    """Write `datapackage.json` (Data Package 2.0): tables with their schema, all other files as they are.

    Parameters
    ----------
    files : path in the bundle, to what it is; tables in CSV are described by themselves.
    """
    described = [_resource(folder, table) for table in tables]
    paths = {resource["path"] for resource in described}
    others = [
        {"name": _slug(path), "path": path, "title": what, **_file(folder, path)}
        for path, what in sorted(files.items())
        if path not in paths
    ]
    licence = {
        "title": release.licence,
        **({"path": release.licence_url} if release.licence_url else {}),
    }
    said = {
        "$schema": _PROFILE,
        "name": f"socius-{release.jaar}-{release.level}",
        "title": release.title,
        "description": release.description,
        "version": release.made_on.isoformat(),
        "created": f"{release.made_on.isoformat()}T00:00:00Z",
        "licenses": [{"name": "overeenkomst", **licence}],
        "contributors": [{"title": "Socius", "roles": ["creator"], "organization": "Socius"}],
        "resources": [*described, *others],
    }
    _write_json(folder / DATAPACKAGE, said)


def _slug(path: str) -> str:
    return "".join(
        sign if sign.isalnum() and sign.isascii() else "-" for sign in path.casefold()
    ).strip("-")


def _holds(folder: Path, resource: Mapping[str, Any]) -> bool:
    path = resource["path"]
    return (folder / path).is_file() and all(
        resource.get(name) == value for name, value in _file(folder, path).items()
    )


def check_datapackage(folder: Path) -> None:
    """Check `datapackage.json`, and by it size and hash of all files and every value of the tables.

    Raises
    ------
    SociusError
        that names the kinds of faults and the files, never a value.
    """
    from frictionless import Checklist, FrictionlessException, Package  # slow to import

    said = json.loads((folder / DATAPACKAGE).read_text(encoding="utf-8"))
    tables = [resource for resource in said["resources"] if "schema" in resource]
    faults = {
        (resource["path"], "hash") for resource in said["resources"] if not _holds(folder, resource)
    }
    try:
        Package(str(folder / DATAPACKAGE))
        package = Package.from_descriptor({**said, "resources": tables}, basepath=str(folder))
        # A row of which all is withheld is what it calls blank.
        report = package.validate(Checklist(skip_errors=["blank-row"]))
    except FrictionlessException as wrong:
        faults |= {(DATAPACKAGE, error.type) for error in [wrong.error, *(wrong.reasons or [])]}
    else:
        faults |= {(DATAPACKAGE, error.type) for error in report.errors}
        faults |= {(task.place or task.name, e.type) for task in report.tasks for e in task.errors}
    if faults:
        listed = "; ".join(f"`{file}`: {fault}" for file, fault in sorted(faults))
        raise SociusError(
            f"De beschrijving van de bundel klopt niet met de bestanden ({listed}). Meld dit."
        )


def write_crate(folder: Path, release: Release, files: Mapping[str, str]) -> None:
    """Write `ro-crate-metadata.json` (RO-Crate 1.1) of a bundle and all its files."""
    paths = sorted(files)
    office = {"@id": "#socius", "@type": "Organization", "name": "Socius"}
    contact = {
        "@id": "#contact",
        "@type": "ContactPoint",
        "name": release.contact,
        "email": release.contact_email,
    }
    licence = {"@id": release.licence_url or "#voorwaarden", "@type": "CreativeWork"}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.title,
        "description": release.description,
        "datePublished": release.made_on.isoformat(),
        "inLanguage": "nl",
        "license": {"@id": licence["@id"]},
        "publisher": {"@id": office["@id"]},
        "creator": {"@id": office["@id"]},
        "version": release.made_on.isoformat(),
        "hasPart": [{"@id": path} for path in paths],
    }
    office["contactPoint"] = {"@id": contact["@id"]}  # type: ignore[assignment]
    described = [
        {
            "@id": path,
            "@type": "File",
            "name": files[path],
            "encodingFormat": MEDIA[Path(path).suffix.casefold()],
            "contentSize": str((folder / path).stat().st_size),
            "sha256": store.hash_file(folder / path),
        }
        for path in paths
    ]
    itself = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _CRATE_PROFILE},
    }
    terms = {**licence, "name": "Voorwaarden", "description": release.licence}
    graph = [itself, root, office, contact, terms, *described]
    _write_json(folder / CRATE, {"@context": f"{_CRATE_PROFILE}/context", "@graph": graph})


def check_crate(folder: Path) -> None:
    """Check `ro-crate-metadata.json`: readable as a crate, whole, and true of the files that are there.

    The rules are the MUST's of RO-Crate 1.1 on the descriptor, the root and the files.

    Raises
    ------
    SociusError
        that names the broken rules.
    """
    from rocrate.rocrate import ROCrate  # slow to import

    try:
        crate = ROCrate(str(folder))
    except (ValueError, KeyError, OSError) as wrong:
        raise SociusError(
            f"`{CRATE}` is geen leesbare RO-Crate ({type(wrong).__name__})."
        ) from None
    said = {
        entity["@id"]: entity
        for entity in json.loads((folder / CRATE).read_text("utf-8"))["@graph"]
    }
    root = said["./"]
    faults = [f"'{name}' ontbreekt" for name in _REQUIRED if not root.get(name)]
    parts = [part["@id"] for part in root.get("hasPart", [])]
    read = {entity.id for entity in crate.data_entities}
    faults += [f"`{part}` wordt niet gelezen" for part in parts if part not in read]
    faults += [f"`{part}` ontbreekt" for part in parts if not (folder / part).is_file()]
    for part in parts:
        if (folder / part).is_file() and said[part].get("sha256") != store.hash_file(folder / part):
            faults.append(f"`{part}` heeft een andere inhoud")
    faults += [f"{at} wordt niet beschreven" for at in _mentioned(said.values()) if at not in said]
    if faults:
        raise SociusError(f"`{CRATE}` klopt niet: {'; '.join(sorted(set(faults)))}. Meld dit.")


_REQUIRED = ("@type", "name", "description", "datePublished", "license")


def _mentioned(entities: Any) -> list[str]:
    values = [v for entity in entities for n, v in entity.items() if n not in {"@id", "conformsTo"}]
    flat = [part for value in values for part in (value if isinstance(value, list) else [value])]
    return [part["@id"] for part in flat if isinstance(part, dict)]


def write_letter(
    folder: Path,
    release: Release,
    contents: Sequence[tuple[str, str]],
    withheld: int,
    steps: Sequence[str],
    *,
    css: str,
    rows: Sequence[str] = (),
) -> None:
    """Write `brief.html` and `brief.txt`: what is in it, what not and why, how to cite, whom to ask.

    How many values were withheld for which reason is not told. Where all are withheld because too few
    are behind them, their total may give them back: two withheld values that are 8 together and each
    below 5 are both 4.

    Parameters
    ----------
    contents : path in the bundle and what it is, in the order in which one reads them.
    withheld : how many values were withheld.
    steps : commands that do the analyses again.
    rows : paths of data with a row per person.
    """
    told = {
        "release": release,
        "contents": contents,
        "withheld": format_number(withheld) if withheld else "",
        "reasons": (TOO_FEW, FOR_OTHERS),
        "word": WITHHELD,
        "steps": steps,
        "rows": rows,
        "folder": folder.name,
        "made_on": f"{release.made_on.day}/{release.made_on.month}/{release.made_on.year}",
        "css": css,
    }
    environment = Environment(
        loader=PackageLoader("socius_lib"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for ending in (".html", ".txt"):
        text = environment.get_template(f"{LETTER}{ending}.j2").render(**told)
        store.write_file(folder / f"{LETTER}{ending}", text)
