"""``letter.json``: the words of a finished file as data, so that the pages can be held against what was approved.

Each text's digest is in the manifest. The list of signatories travels in ``signatories.json``; here stands where in
the letter it comes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from typeset.compose.signoff import NEEDED, SignOffBlock, sign_off_block
from typeset.locales import Phrases
from typeset.model import Counts, Kind, Letter, Passage, Signatory, Version
from typeset.policy import SignOff
from typeset.preflight.expected import Expected, Printed, expected, printed_signatory

NAME = "letter.json"
LIST = "list"
_PASSAGE = ("start", "end", "lang")
_ITEM, _PARAGRAPH, _HEADING = frozenset({"LI"}), frozenset({"P"}), frozenset({"H2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one version says, as it travels: texts in their order, and what the page says of its own accord."""

    letter: str
    lang: str
    title: str
    page: str
    draft: str
    bookmarks: tuple[str, ...]
    headings: tuple[str, ...]
    links: tuple[str, ...]
    texts: tuple[Mapping[str, Any], ...]
    phrases: Mapping[str, str]
    months: tuple[str, ...] = ()
    letterhead: tuple[str, ...] = ()
    """What the look says above the letter."""

    @property
    def spoken(self) -> Phrases:
        """What the sign-off block is said in."""
        return Phrases(lang=self.lang, phrases=self.phrases, months=self.months)

    @property
    def data(self) -> bytes:
        """The file."""
        document = {
            "letter": self.letter,
            "language": self.lang,
            "title": self.title,
            "page": self.page,
            "draft": self.draft,
            "bookmarks": list(self.bookmarks),
            "headings": list(self.headings),
            "links": list(self.links),
            "texts": [dict(text) for text in self.texts],
            "phrases": dict(self.phrases),
            "months": list(self.months),
            **({"letterhead": list(self.letterhead)} if self.letterhead else {}),
        }
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def words_of(letter: str, meant: Expected, page_words: Phrases) -> Words:
    """The words of a version, from what its file has to be."""
    texts: list[Mapping[str, Any]] = []
    seen: Counter[str] = Counter()
    for item in meant.printed:
        if not item.subject.startswith("signatory "):
            seen[item.subject] += 1
            again = f" again {seen[item.subject]}" if seen[item.subject] > 1 else ""
            texts.append(_entry(replace(item, subject=item.subject + again)))
        elif texts[-1].get("subject") != LIST:
            texts.append({"subject": LIST})
    return Words(
        letter=letter,
        lang=meant.lang,
        title=meant.title,
        page=page_words.phrases["page"],
        draft=meant.draft_words,
        bookmarks=meant.bookmarks,
        headings=tuple(sorted(meant.headings)),
        links=tuple(sorted(meant.links)),
        texts=tuple(texts),
        phrases={key: page_words.phrases[key] for key in (*NEEDED, "date") if key in page_words.phrases},
        months=page_words.months,
        letterhead=meant.furniture,
    )


def read_words(data: bytes) -> Words:
    """The words in a ``letter.json``. Raises `ValueError` where it is none."""
    try:
        document: Any = json.loads(data)
        words = Words(
            letter=str(document["letter"]),
            lang=str(document["language"]),
            title=str(document["title"]),
            page=str(document["page"]),
            draft=str(document["draft"]),
            bookmarks=tuple(map(str, document["bookmarks"])),
            headings=tuple(map(str, document["headings"])),
            links=tuple(map(str, document["links"])),
            texts=tuple(dict(text) for text in document["texts"]),
            phrases={str(key): str(phrase) for key, phrase in document["phrases"].items()},
            months=tuple(map(str, document["months"])),
            letterhead=tuple(map(str, document.get("letterhead", ()))),
        )
        tuple(_printed(text) for text in words.texts if text["subject"] != LIST)
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(f"{NAME} cannot be read: {fault!r}") from fault
    return words


def meant_by(
    words: Words, rows: Iterable[Mapping[str, Any]], *, pages: int, faces: Iterable[str], files: Mapping[str, bytes]
) -> Expected:
    """What the file has to be, going by what travels in it: before any sign-off, and unsigned."""
    signatories = [signatory(row) for row in rows]
    version = Version(lang=words.lang, title=words.title, blocks=())
    blank = Letter(
        id=words.letter,
        date=None,
        page="",
        look="",
        recipients=(),
        versions=(version,),
        signatories=tuple(signatories),
        counts=Counts(named=len(signatories), anonymous=0),
    )
    spoken = replace(words.spoken, phrases={**words.phrases, "page": words.page, "draft": words.draft})
    return replace(
        expected(
            blank,
            version,
            spoken,
            pages=pages,
            faces=(),
            attachments=files,
            draft=False,
            furniture=words.letterhead,
        ),
        printed=tuple(_all(words, signatories)),
        bookmarks=words.bookmarks,
        headings=frozenset(words.headings),
        faces=frozenset(faces),
        links=frozenset(words.links),
    )


def signatory(row: Mapping[str, Any]) -> Signatory:
    """A row of ``signatories.json``. Raises `ValueError` where it is none."""
    try:
        name = str(row["name"])
        passages, position = [], 0
        for passage in row.get("passages", ()):
            start = name.index(passage["text"], position)
            position = start + len(passage["text"])
            passages.append(Passage(start=start, end=position, lang=str(passage["lang"])))
        return Signatory(
            number=int(row["number"]),
            name=name,
            lang=str(row["lang"]),
            kind=Kind(row["kind"]),
            passages=tuple(passages),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"a row of the list cannot be read: {fault!r}") from fault


def printed_block(block: SignOffBlock, lang: str) -> Iterator[Printed]:
    """What the sign-off block has to say on the page."""
    own = frozenset({lang})
    yield Printed(subject="sign-off", text=block.heading, roles=_HEADING, allowed=own)
    for number, line in enumerate(block.lines, start=1):
        yield Printed(subject=f"sign-off {number}", text=line, allowed=own)
    for approval in block.approvals:
        start = len(approval.before)
        passage = Passage(start=start, end=start + len(approval.name), lang=approval.lang)
        yield Printed(
            subject=approval.subject,
            text=f"{approval.before}{approval.name}{approval.after}",
            roles=_ITEM,
            allowed=own,
            passages=(passage,) if approval.lang else (),
        )
    if block.demonstration:
        yield Printed(subject="demonstration", text=block.demonstration, allowed=own)


def with_sign_off(meant: Expected, signoff: SignOff, words: Phrases) -> Expected:
    """What a file has to be when it ends with a sign-off block."""
    block = sign_off_block(signoff, meant.lang, words)
    return replace(
        meant,
        printed=(*meant.printed, *printed_block(block, meant.lang)),
        fields=tuple(field.name for field in block.fields),
    )


def _all(words: Words, signatories: Iterable[Signatory]) -> Iterator[Printed]:
    for text in words.texts:
        if text["subject"] == LIST and len(text) == 1:
            yield from (printed_signatory(one, words.lang) for one in signatories)
        else:
            yield _printed(text)


def _entry(item: Printed) -> Mapping[str, Any]:
    """A text without what goes without saying."""
    entry: dict[str, Any] = {"subject": item.subject, "text": item.text}
    if item.roles != _PARAGRAPH:
        entry["roles"] = sorted(item.roles)
    if item.within:
        entry["within"] = item.within
    if item.label is not None:
        entry["label"] = item.label
    if not item.fixed:
        entry["fixed"] = False
    entry["allowed"] = sorted(item.allowed)
    if item.passages:
        entry["passages"] = [{key: getattr(passage, key) for key in _PASSAGE} for passage in item.passages]
    return entry


def _printed(entry: Mapping[str, Any]) -> Printed:
    return Printed(
        subject=str(entry["subject"]),
        text=str(entry["text"]),
        roles=frozenset(map(str, entry.get("roles", _PARAGRAPH))),
        within=str(entry.get("within", "")),
        label=None if entry.get("label") is None else str(entry["label"]),
        fixed=entry.get("fixed", True) is True,
        allowed=frozenset(map(str, entry["allowed"])),
        passages=tuple(
            Passage(start=int(passage["start"]), end=int(passage["end"]), lang=str(passage["lang"]))
            for passage in entry.get("passages", ())
        ),
    )
