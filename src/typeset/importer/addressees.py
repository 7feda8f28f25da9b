"""The line of addressees to recipients, each with its office and, where it is named, the holder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from typeset.locales import ImporterWords

_LABEL_WORDS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecipient:
    """One recipient in the letter's language. ``holder`` is empty where only an office or a group is addressed."""

    office: str
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecipients:
    """A paragraph of addressees: the label before them as written, and each of them.

    ``certain`` is false where there may be more of them than were found.
    """

    label: str
    addressees: tuple[FoundRecipient, ...]
    certain: bool = True


def read_addressees(lines: Sequence[str], text: str, language: ImporterWords) -> FoundRecipients | None:
    """The addressees of a paragraph (its lines, and the same as one text), or None where it has no label for them."""
    label = _label(text, language)
    if not label:
        return None
    rest = text[len(label) :].rstrip("。.").strip()
    if not rest:
        return None
    if language.name_marks or language.surnames:
        found, certain = _unspaced(rest, language)
    else:
        own_lines = lines[1:] if len(lines) > 2 and lines[0].strip() == label.strip() else ()
        found, certain = _spaced(rest, own_lines, language)
    return FoundRecipients(label=label, addressees=tuple(found), certain=certain)


def begins_addressees(line: str, language: ImporterWords) -> bool:
    """Whether a line begins with a label for addressees, or for those who get a copy, and its colon."""
    said = re.match(r"[^:：]{1,40}(?=[:：])", line)
    labels = {label.casefold() for label in (*language.labels, *language.copies)}
    return said is not None and said[0].strip().casefold() in labels


def _label(text: str, language: ImporterWords) -> str:
    """The label that the paragraph begins with, its colon and space included."""
    before_colon = re.match(r"([^:：]{1,60})[:：]\s*", text)
    if before_colon:
        said = before_colon[1].strip().casefold()
        for label in language.labels:
            own = said[: len(said) - len(label)]
            joined = language.name_marks or not own or own.endswith(" ")
            if said.endswith(label.casefold()) and joined and len(own) <= _LABEL_WORDS:
                return before_colon[0]
    for label in language.labels:
        found = re.match(rf"{re.escape(label)}{'' if language.name_marks else chr(92) + 's+'}", text, re.IGNORECASE)
        if found and not re.search(r"[.。!！?？;]\s*\S", text) and _kinds(text[found.end() :], language):
            return found[0]
    return ""


def _kinds(piece: str, language: ImporterWords) -> str:
    """``office``, ``group`` or nothing: what a piece of the line names."""
    if any(_has_word(piece, office, language) for office in language.offices):
        return "office"
    return "group" if any(_has_word(piece, group, language) for group in language.groups) else ""


def _has_word(text: str, word: str, language: ImporterWords) -> bool:
    if language.name_marks:
        return word in text
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))


def _unspaced(text: str, language: ImporterWords) -> tuple[list[FoundRecipient], bool]:
    """Addressees in a language without spaces: parted by its enumerating marks, the holder behind the office."""
    pieces = [piece.strip() for piece in re.split(f"[{re.escape(language.separators)}]", text) if piece.strip()]
    pieces = [part for piece in pieces for part in _at_conjunctions(piece, language)]
    addressees = [_office_then_name(piece, language) for piece in pieces]
    return addressees, len(pieces) > 1 or sum(text.count(office) for office in language.offices) <= 1


def _at_conjunctions(piece: str, language: ImporterWords) -> list[str]:
    """The piece cut at a word for "and", where there is an office or group on both sides of it."""
    for conjunction in language.conjunctions:
        found = conjunction if language.name_marks else f" {conjunction} "
        left, middle, right = piece.partition(found)
        if middle and _kinds(left, language) and _kinds(right, language):
            return [left.strip(), *_at_conjunctions(right.strip(), language)]
    return [piece]


def _office_then_name(piece: str, language: ImporterWords) -> FoundRecipient:
    """An office that ends with its own last word, such as one for a minister, and the personal name behind it."""
    ends = sorted(
        {found.end() for office in language.offices for found in re.finditer(re.escape(office), piece)}, reverse=True
    )
    for end in ends:
        if _is_unspaced_name(piece[end:].strip(), language):
            return FoundRecipient(office=piece[:end].strip(), holder=piece[end:].strip())
    return FoundRecipient(office=piece)


def _is_unspaced_name(text: str, language: ImporterWords) -> bool:
    """Whether ideographs can be a person's name: by a dot between its parts, a form of address, or a surname."""
    plain = text
    for honorific in language.honorifics:
        plain = plain.removesuffix(honorific)
    if not plain or any(office in plain for office in language.offices):
        return False
    if set(language.name_marks) & set(plain):
        return all(part.isalpha() for part in re.split(f"[{re.escape(language.name_marks)}]", plain))
    if not plain.isalpha():
        return False
    return plain != text or (plain[0] in language.surnames and 2 <= len(plain) <= 4)


def _spaced(text: str, lines: Sequence[str], language: ImporterWords) -> tuple[list[FoundRecipient], bool]:
    """Addressees in a language with spaces: parted by semicolons, else by lines, else by commas."""
    if ";" in text or "；" in text:
        pieces = [_bare(piece, language) for piece in re.split("[;；]", text)]
        chunks = [chunk for piece in pieces for chunk in _at_conjunctions(piece, language)]
        return [_holder_and_office(_bare(chunk, language), language) for chunk in chunks if chunk], True
    if lines:
        joined = re.sub(r",\n", ", ", "\n".join(lines))
        return [_holder_and_office(_bare(chunk, language), language) for chunk in joined.split("\n")], True
    pieces = [
        part for piece in re.split("[,，]", text) for part in _at_conjunctions(_bare(piece, language), language) if part
    ]
    paired = list(_paired(pieces, language))
    if len(pieces) > 1 and all(paired):
        return [addressee for addressee in paired if addressee], True
    return [_holder_and_office(text, language)], len(pieces) == 1


def _bare(chunk: str, language: ImporterWords) -> str:
    """The chunk without the word for "and" before it and the marks around it."""
    chunk = chunk.strip(" ,.")
    for conjunction in language.conjunctions:
        if chunk.casefold().startswith(f"{conjunction} "):
            return chunk[len(conjunction) + 1 :].strip()
    return chunk


def _paired(pieces: Sequence[str], language: ImporterWords) -> Iterator[FoundRecipient | None]:
    """Offices with the holders beside them, in whichever order the first pair has; None where one fits nowhere."""
    holder_first = bool(pieces) and _is_person(pieces[0], language)
    held = ""
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
        if _is_person(piece, language):
            if not holder_first:
                continue
            held = piece
        elif not _kinds(piece, language):
            yield None
        elif holder_first:
            yield FoundRecipient(office=piece, holder=held) if held else _holder_and_office(piece, language)
            held = ""
        elif after and _is_person(after, language):
            yield FoundRecipient(office=piece, holder=after)
        else:
            yield _holder_and_office(piece, language)
    if held:
        yield None


def _is_person(piece: str, language: ImporterWords) -> bool:
    return any(re.match(rf"{re.escape(word)}\.?\s+\w", piece, re.IGNORECASE) for word in language.honorifics)


def _holder_and_office(chunk: str, language: ImporterWords) -> FoundRecipient:
    """One addressee: a name with its form of address beside a comma, or a bare name behind the office."""
    pieces = [piece.strip() for piece in chunk.split(",")]
    if len(pieces) > 1 and _is_person(pieces[0], language):
        return FoundRecipient(office=", ".join(pieces[1:]), holder=pieces[0])
    if len(pieces) > 1 and _is_person(pieces[-1], language):
        return FoundRecipient(office=", ".join(pieces[:-1]), holder=pieces[-1])
    for office in language.offices:
        found = re.search(rf"(?<!\w){re.escape(office)}\s+(?P<name>\S.*)$", chunk, re.IGNORECASE)
        if found and _is_spaced_name(found["name"], language):
            return FoundRecipient(office=chunk[: found.start("name")].strip(), holder=found["name"])
    return FoundRecipient(office=chunk)


def _is_spaced_name(text: str, language: ImporterWords) -> bool:
    """Whether words can be a person's name: two to five with capitals, and none that offices are made of."""
    words = text.split()
    if not 2 <= len(words) <= 5 or any(word.casefold().strip(".,") in language.not_a_name for word in words):
        return _is_person(text, language) and len(words) <= 6
    return all(word[0].isupper() or word in ("de", "da", "van", "von", "bin", "al", "el") for word in words)
