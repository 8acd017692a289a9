"""What is searched for in a bundle, and how: whole words of folded text, numbers, passages, digests.

Text is folded on both sides: case, marks, signs and spacing do not matter, and what has no width is
left out. A needle is found as whole words: a short name is not seen inside a longer word.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from socius_lib import forms

STRONG = 8
"""Letters that a needle must have to be searched in bytes that are no text: a shorter one would be
seen by chance in what is compressed."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_PLAIN = bytes(
    ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else byte if byte > 127 else 32
    for byte in range(256)
)
_NUMBER = re.compile(r"(?<!\d)\d(?:[ \u00a0\u202f./()\-–]{0,3}\d){7,}")
_DIGITS = re.compile(r"\d+")
_DECIMAL = re.compile(r"(0|[1-9]\d*)\.\d+")


@lru_cache(maxsize=100_000)
def _fold_beyond(signs: str) -> str:
    # A soft hyphen or a joiner has no width: a name with one in it reads as the name.
    seen = "".join(sign for sign in signs if unicodedata.category(sign) != "Cf")
    folded = [forms.fold(sign) or (" " if not unicodedata.combining(sign) else "") for sign in seen]
    return "".join(folded)


def fold(text: str) -> bytes:
    """Return text as `forms.fold` folds it, in UTF-8, with a space before and after each word.

    What has no width (soft hyphen, joiner) is left out.
    """
    ascii_only = text if text.isascii() else _BEYOND_ASCII.sub(lambda m: _fold_beyond(m[0]), text)
    words = ascii_only.encode("utf-8", "replace").translate(_PLAIN).split()
    return b" " + b" ".join(words) + b" "


def number_key(text: str) -> str:
    """Return the digits of a telephone or KBO number, without country code and leading zeros."""
    return _bare("".join(_DIGITS.findall(text)))


def _bare(digits: str) -> str:
    digits = digits.lstrip("0")
    if digits.startswith("32") and len(digits) >= 10:
        digits = digits[2:].lstrip("0")
    return digits


def _written_numbers(text: str) -> Iterator[str]:
    """Give every run of digits that may be such a number, as `number_key` has it.

    Digits that are divided are taken together only from a group that can begin a number (0, 32, or
    the four digits of a KBO number): the cells of a table of numbers are no telephone number.
    """
    for found in _NUMBER.finditer(text):
        groups = _DIGITS.findall(found[0])
        if len(groups) == 2 and _DECIMAL.fullmatch(found[0]):
            continue
        for first, group in enumerate(groups):
            if len(group) >= 8:
                yield _bare(group)
            elif group[0] == "0" or group.startswith("32") or (group[0] == "1" and len(group) == 4):
                joined = group
                for after in groups[first + 1 :]:
                    joined += after
                    if len(joined) > 15:
                        break
                    if len(joined) >= 8:
                        yield _bare(joined)


def digests(text: str) -> list[str]:
    """Return the bare hashes of a text: a hash of an identity stands for the identity."""
    data = text.encode()
    return [hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in _HASHES]


_HASHES = ("md5", "sha1", "sha256")
_DIGESTS = frozenset([32, 40, 64])


def passages_of(words: Sequence[bytes], size: int) -> NDArray[np.uint64]:
    """Return a number for every `size` words that follow each other."""
    if len(words) < size:
        return np.empty(0, dtype=np.uint64)
    # The hash of a string of bytes differs per process, which is all that a search needs.
    of_word = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    mixed = np.zeros(len(words) - size + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place in range(size):
            mixed = mixed * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= of_word[place : len(words) - size + 1 + place]
            mixed ^= mixed >> np.uint64(29)
    return mixed


@dataclass(frozen=True, eq=False)
class Needles:
    """What may not be in a bundle.

    Attributes
    ----------
    phrases : folded words, to what they are ("naam", "e-mailadres" …).
    numbers : as `number_key` gives them, to what they are.
    hashes : digests of identities.
    passages : per length in words, folded texts of which no run of that length may be quoted.
    unsearchable : why values cannot be searched without seeing them everywhere, and how many.
    """

    phrases: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    hashes: frozenset[str] = frozenset()
    passages: Mapping[int, NDArray[np.uint64]] = field(default_factory=dict)
    unsearchable: Mapping[str, int] = field(default_factory=dict)

    def __or__(self, other: Needles) -> Needles:
        sizes = {*self.passages, *other.passages}
        none = np.empty(0, dtype=np.uint64)
        return Needles(
            {**other.phrases, **self.phrases},
            {**other.numbers, **self.numbers},
            self.hashes | other.hashes,
            {n: np.union1d(self.passages.get(n, none), other.passages.get(n, none)) for n in sizes},
            dict(Counter(self.unsearchable) + Counter(other.unsearchable)),
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        of_kind = Counter(self.phrases.values()) + Counter(self.numbers.values())
        passages = sum(len(hashed) for hashed in self.passages.values())
        return {**of_kind, **({PASSAGE: passages} if passages else {})}

    def without(self, texts: Iterable[str], reason: str) -> Needles:
        """Return the needles that do not occur in these texts, which are known to be harmless."""
        phrases, numbers, passages = dict(self.phrases), dict(self.numbers), dict(self.passages)
        matcher, lost = Matcher(self), 0
        for text in texts:
            folded = fold(text)
            for phrase in matcher.phrases_in(folded):
                lost += phrases.pop(phrase, None) is not None
            for number in _written_numbers(text):
                lost += numbers.pop(number, None) is not None
            for size, hashed in passages.items():
                passages[size] = np.setdiff1d(hashed, passages_of(folded.split(), size))
                lost += len(hashed) - len(passages[size])
        told = dict(Counter(self.unsearchable) + Counter({reason: lost}))
        return Needles(phrases, numbers, self.hashes, passages, told)


NAME, MAIL, PHONE, MARK = "naam", "e-mailadres", "telefoonnummer", "kenmerk van een persoon"
SAID, PASSAGE, WORD = "vrije tekst", "stuk vrije tekst", "woord uit vrije tekst"
RARE = "zeldzame waarde"
ORGANISATION, FILE, HASH = "organisatie", "bestandsnaam", "hash van een persoon"


class Matcher:
    """Needles made ready to be looked for in many texts."""

    def __init__(self, needles: Needles) -> None:
        self.needles = needles
        self.phrases = list(needles.phrases)
        self._all = ahocorasick_rs.BytesAhoCorasick([f" {p} ".encode() for p in self.phrases])
        self.strong = [p for p in self.phrases if len(p.encode()) - p.count(" ") >= STRONG]
        # Between bytes that are no text, the byte beside a name may be read as a letter.
        loose = [p.encode() if " " in p else f" {p} ".encode() for p in self.strong]
        self._strong = ahocorasick_rs.BytesAhoCorasick(loose)

    def phrases_in(self, folded: bytes) -> set[str]:
        """Return all phrases that folded text holds."""
        found = self._all.find_matches_as_indexes(folded, overlapping=True)
        return {self.phrases[number] for number, _, _ in found}

    def kinds_in(self, text: str) -> set[str]:
        """Return the kinds of needles that a text holds."""
        folded = fold(text)
        # Matches that share a space hide each other, but never all of them.
        found = self._all.find_matches_as_indexes(folded)
        kinds = {self.needles.phrases[self.phrases[number]] for number, _, _ in found}
        if self.needles.numbers:
            known = self.needles.numbers
            kinds |= {known[number] for number in _written_numbers(text) if number in known}
        words = folded.split()
        if any(len(w) in _DIGESTS and w.decode() in self.needles.hashes for w in words):
            kinds.add(HASH)
        for size, hashed in self.needles.passages.items():
            if _any_of(passages_of(words, size), hashed):
                kinds.add(PASSAGE)
        return kinds

    def kinds_in_bytes(self, data: bytes) -> set[str]:
        """Return the kinds that bytes hold as UTF-8, Latin-1 or UTF-16; only of long needles."""
        kinds = set()
        for text in _readings(data):
            found = self._strong.find_matches_as_indexes(fold(text))
            kinds |= {self.needles.phrases[self.strong[number]] for number, _, _ in found}
        return kinds


def _any_of(values: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> bool:
    if not len(ordered):
        return False
    places = np.searchsorted(ordered, values).clip(max=len(ordered) - 1)
    return bool((ordered[places] == values).any())


_NO_LATIN = re.compile(r"[^\x00-\u024f\u1e00-\u1eff]+")
_LATIN_1 = {code: _fold_beyond(chr(code)) for code in range(128, 256)}


def _readings(data: bytes) -> Iterator[str]:
    """Give bytes as text in each encoding; what is no Latin script there is chance and left out."""
    yield data.decode("latin-1").translate(_LATIN_1)
    for encoding, start in (
        ("utf-8", 0),
        *((f"utf-16-{e}", s) for e in ("le", "be") for s in (0, 1)),
    ):
        yield _NO_LATIN.sub(" ", data[start:].decode(encoding, "replace"))
