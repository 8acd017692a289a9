"""What a file holds, decoded layer by layer: whatever a program can show of it, and what it hides.

Text and attributes of HTML, what stands in `data:` addresses and other base64, strings of JSON and
notebooks, every part of a workbook (hidden sheets, shared strings, comments, properties) and its
rows, values, dictionaries and metadata of Parquet, values and labels of SPSS, text of PNG and PDF
with their metadata, members of archives and their names. Pixels are not read.

A file that cannot be decoded raises: what cannot be searched does not leave.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import lxml.etree
import lxml.html
import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pyreadstat
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject
from python_calamine import CalamineWorkbook

from socius_lib.files import decode

DEEPEST = 6
"""Archives in archives and pages in pages beyond this are refused."""
LARGEST = 2_000_000_000
"""Bytes to which an archive may unpack; more is no honest bundle."""

_DATA_ADDRESS = re.compile(r"data:([\w.+/-]*)((?:;[\w.=+-]+)*),([^\"'()<>\s]*)", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


class Unreadable(Exception):
    """A file whose layers cannot all be read."""


@dataclass(frozen=True)
class Layer:
    """One reading of a file.

    Attributes
    ----------
    name : Dutch, what is read.
    text : what it says.
    """

    name: str
    text: str


_Read = Callable[[str, bytes, int], Iterator[Layer]]


def layers(name: str, data: bytes, depth: int = 0) -> Iterator[Layer]:
    """Give every layer of a file, and of the files in it.

    Raises
    ------
    Unreadable
        when a layer cannot be read: an unknown, broken or encrypted file.
    """
    if depth > DEEPEST:
        raise Unreadable("te diep")
    read = _reader(name, data)
    try:
        yield from read(name, data, depth)
    except Unreadable:
        raise
    except Exception as wrong:  # noqa: BLE001  # whatever a decoder raises: it was not read
        raise Unreadable(type(wrong).__name__) from None


def _reader(name: str, data: bytes) -> _Read:
    ending = PurePosixPath(name).suffix.casefold()
    begins = next((read for start, read in _BY_START if data.startswith(start)), None)
    if begins is not _BY_ENDING.get(ending, begins) and (begins or ending in _BINARY):
        raise Unreadable("iets anders dan de naam zegt")
    if begins or ending in _BY_ENDING:
        return begins or _BY_ENDING[ending]
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("onbekende vorm")
    return _text


def _text(name: str, data: bytes, depth: int) -> Iterator[Layer]:
    text = decode(data, name)
    yield from _hidden(text, depth)
    bare = _BASE64_LONG.sub(" ", _DATA_ADDRESS.sub(" ", text))
    yield Layer("tekst", bare)
    if "%" in bare:
        yield Layer("adres", unquote(bare))


_BASE64_LONG = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
"""Read as what it holds; as letters it would show short names by chance."""


def _hidden(text: str, depth: int) -> Iterator[Layer]:
    """Give what stands in `data:` addresses, and in other runs of signs that are base64."""
    for found in _DATA_ADDRESS.finditer(text):
        _, marks, said = found.groups()
        if marks.casefold().endswith(";base64"):
            inside = _unbase64(unquote(said))
            if inside is None:
                raise Unreadable("base64")
        else:
            inside = unquote(html.unescape(said)).encode()
        yield from _inside("data-adres", inside, depth)
    plain = []
    for found in _BASE64.finditer(_DATA_ADDRESS.sub(" ", text)):
        inside = _unbase64(found[0])
        if inside is None:
            continue
        if inside.startswith(tuple(start for start, _ in _BY_START)):
            yield from _inside("base64", inside, depth)
        else:
            plain += [inside.decode(coding, "ignore") for coding in ("utf-8", "utf-16-le")]
    if plain:
        yield Layer("base64", "\n".join(plain))


def _unbase64(text: str) -> bytes | None:
    signs = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(signs + "=" * (-len(signs) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _inside(what: str, data: bytes, depth: int) -> Iterator[Layer]:
    for layer in layers("", data, depth + 1):
        yield Layer(f"{what}: {layer.name}", layer.text)


def _page(name: str, data: bytes, depth: int) -> Iterator[Layer]:
    yield from _text(name, data, depth)
    text = decode(data, name)
    if text.strip():
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        yield from _tree(lxml.html.document_fromstring(text.encode(), parser))


def _xml(name: str, data: bytes, depth: int) -> Iterator[Layer]:
    yield from _text(name, data, depth)
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    yield from _tree(lxml.etree.fromstring(data, parser))


def _tree(root: Any) -> Iterator[Layer]:
    parts, attributes = [], []
    for node in root.iter():
        if isinstance(node.tag, str):
            attributes += [v for v in node.attrib.values() if not v.startswith("data:")]
        parts += [part for part in (node.text, node.tail) if part]
    # Words may be cut by tags, and cells may stand without a space between them: both readings.
    yield Layer("tekst van de bladzijde", " ".join(parts))
    yield Layer("tekst over opmaak heen", "".join(parts))
    if attributes:
        yield Layer("attributen", "\n".join(attributes))


def _json(name: str, data: bytes, depth: int) -> Iterator[Layer]:
    strings = list(_strings_of(json.loads(decode(data, name))))
    yield Layer("tekst in JSON", "\n".join(s for s in strings if not _BASE64_LONG.search(s)))
    for string in strings:
        unbroken = string.replace("\n", "")
        if len(unbroken) >= 16 and _BASE64.fullmatch(unbroken):
            yield from _hidden(unbroken, depth)
        elif "<" in string and ">" in string:
            yield from _page("", string.encode(), depth + 1)
        else:
            yield from _hidden(string, depth)


def _strings_of(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield str(key)
            yield from _strings_of(value)
    elif isinstance(said, list):
        if said and all(isinstance(part, str) for part in said):
            yield "".join(said)  # a notebook keeps a text as a list of lines
        for part in said:
            yield from _strings_of(part)
    elif said is not None:
        yield str(said)


def _archive(_name: str, data: bytes, depth: int) -> Iterator[Layer]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        members = opened.infolist()
        if sum(member.file_size for member in members) > LARGEST:
            raise Unreadable("te groot")
        notes = [opened.comment, *(m.comment for m in members), *(m.extra for m in members)]
        names = [member.filename for member in members]
        said = [note.decode("latin-1") for note in notes if note]
        yield Layer("namen in het archief", "\n".join([*names, *said]))
        for member in members:
            if not member.is_dir():
                for layer in layers(member.filename, opened.read(member), depth + 1):
                    yield Layer(f"{member.filename}: {layer.name}", layer.text)
    if "xl/workbook.xml" in names:
        yield from _rows_of_workbook(data)


def _rows_of_workbook(data: bytes) -> Iterator[Layer]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for number, sheet in enumerate(book.sheet_names, start=1):
            rows = book.get_sheet_by_name(sheet).to_python()
            yield Layer(f"blad {number}", "\n".join(_row(row) for row in rows))


def _row(cells: Iterable[Any]) -> str:
    return " ".join(_cell(cell) for cell in cells if cell is not None)


def _cell(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _parquet(_name: str, data: bytes, depth: int) -> Iterator[Layer]:
    schema = pq.ParquetFile(io.BytesIO(data)).schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    # As dictionaries, so that values come along that no row has (any more).
    opened = pq.ParquetFile(io.BytesIO(data), read_dictionary=texts)
    table = opened.read()
    said = [opened.metadata.created_by or "", *map(str, table.schema)]
    for metadata in (opened.metadata.metadata, schema.metadata, *(f.metadata for f in schema)):
        said += [_cell(part) for pair in (metadata or {}).items() for part in pair]
    yield Layer("eigenschappen", "\n".join(said))
    unused = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            unused += [_cell(v) for chunk in column.chunks for v in chunk.dictionary.to_pylist()]
    yield Layer("categorieën", "\n".join(unused))
    yield from _rows_of_table(table, depth)


def _rows_of_table(table: pa.Table, depth: int) -> Iterator[Layer]:
    columns = [column.to_pylist() for column in table.columns]
    rows = "\n".join(_row(cells) for cells in zip(*columns, strict=True))
    yield Layer("cellen", rows)
    yield from _hidden(rows, depth)


def _spss(_name: str, data: bytes, depth: int) -> Iterator[Layer]:
    frame, meta = pyreadstat.read_sav(
        io.BytesIO(data), user_missing=True, disable_datetime_conversion=True
    )
    labels = [
        str(part) for of in meta.value_labels.values() for pair in of.items() for part in pair
    ]
    labels += [f"{name} {label}" for name, label in meta.column_names_to_labels.items()]
    about = [meta.file_label, *(meta.notes or []), meta.missing_ranges, meta.missing_user_values]
    yield Layer("labels en notities", "\n".join([*labels, *map(str, about)]))
    yield from _rows_of_table(pa.Table.from_pandas(frame.astype(object).astype(str)), depth)


def _png(_name: str, data: bytes, _depth: int) -> Iterator[Layer]:
    parts, at = [], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12
        if kind == b"zTXt":
            key, _, packed = body.partition(b"\0")
            body = key + b" " + zlib.decompress(packed[1:])
        elif kind == b"iTXt":
            key, _, rest = body.partition(b"\0")
            language, _, named = rest[2:].partition(b"\0")
            named, _, said = named.partition(b"\0")
            said = zlib.decompress(said) if rest[:1] == b"\1" else said
            body = b" ".join([key, language, named, said])
        if kind not in _PICTURE:
            parts.append(body)
        if kind == b"IEND":
            break
    else:
        raise Unreadable("PNG zonder einde")
    parts.append(data[at:])
    texts = [part.decode(coding, "replace") for part in parts for coding in ("utf-8", "latin-1")]
    yield Layer("tekst in de afbeelding", "\n".join(texts))


_PICTURE = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB pHYs sBIT bKGD".split())


def _pdf(_name: str, data: bytes, depth: int) -> Iterator[Layer]:
    opened = pypdf.PdfReader(io.BytesIO(data))
    pages = "\n".join(page.extract_text() for page in opened.pages)
    # A word that is broken off at the end of a line is read whole too.
    yield Layer("tekst van de PDF", pages + "\n" + re.sub(r"[-\u2010\u00ad]\s*\n", "", pages))
    strings: list[str] = []
    numbers = {*opened.xref_objStm, *(n for of in opened.xref.values() for n in of)}
    for number in sorted(numbers):
        held = opened.get_object(IndirectObject(number, 0, opened))
        _pdf_strings(held, strings)
        if isinstance(held, StreamObject) and held.get("/Type") in {"/Metadata", "/EmbeddedFile"}:
            yield from _inside("bijlage", held.get_data(), depth)
    yield Layer("eigenschappen en alternatieve tekst", "\n".join(strings))


def _pdf_strings(held: Any, strings: list[str]) -> None:
    if isinstance(held, DictionaryObject):
        for key in held:
            strings.append(str(key))
            _pdf_strings(held.raw_get(key), strings)
    elif isinstance(held, ArrayObject):
        for value in held:
            _pdf_strings(value, strings)
    elif isinstance(held, str | bytes):
        strings.append(_cell(held))


_BY_START: tuple[tuple[bytes, _Read], ...] = (
    (b"PK\x03\x04", _archive),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"%PDF-", _pdf),
    (b"PAR1", _parquet),
    (b"$FL2", _spss),
    (b"$FL3", _spss),
)
_BINARY: dict[str, _Read] = {
    ".pdf": _pdf,
    ".xlsx": _archive,
    ".parquet": _parquet,
    ".sav": _spss,
    ".png": _png,
}
_BY_ENDING: dict[str, _Read] = {
    **_BINARY,
    ".html": _page,
    ".xml": _xml,
    ".rels": _xml,
    ".svg": _xml,
    ".json": _json,
    ".ipynb": _json,
    ".csv": _text,
    ".txt": _text,
}
