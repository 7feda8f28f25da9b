"""The block at the end of a signed-off edition: who approved it, in which role, when, and which edition it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from typeset.compose.words import missing_words
from typeset.diagnostics import refuse_if_any
from typeset.languages import is_right_to_left
from typeset.locales import Phrases
from typeset.model import Approval, Part, SignOff

if TYPE_CHECKING:
    from markupsafe import Markup

SEAL = "seal"
"""The name of the field for the seal."""

ARCHIVE = "archive-timestamp"
"""The field of the document timestamp at the end of an archived file."""

NEEDED = (
    "signed_off",
    "approval",
    "edition",
    "supersedes",
    "withdraws",
    "demonstration",
    "seal_field",
    "signature_field",
    "sealed",
    "signed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """One approval as it is printed: ``before``, the name, ``after``.

    ``lang`` is the language of the name if it is not the letter's.
    """

    subject: str
    before: str
    name: str
    after: str
    lang: str

    @property
    def content(self) -> Markup:
        """The line with the name in its language and direction."""
        # Imported late: a program that only verifies files does not need it.
        from markupsafe import Markup

        attributes = Markup(' lang="{}"').format(self.lang) if self.lang else Markup()
        if is_right_to_left(self.name):
            attributes += Markup(' dir="rtl"')
        return Markup("{}<span{}>{}</span>{}").format(self.before, attributes, self.name, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field for a signature: its name in the file, and its description for screen readers."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffBlock:
    """The contents of the block."""

    heading: str
    lines: tuple[str, ...]
    approvals: tuple[ApprovalLine, ...]
    demonstration: str
    fields: tuple[Field, ...]


def sign_off_block(signoff: SignOff, lang: str, words: Phrases) -> SignOffBlock:
    """The block of one language version. Raises `LetterError` when the language lacks the words for it."""
    refuse_if_any(missing_words(words, NEEDED, lang, "the sign-off"))
    return SignOffBlock(
        heading=words.signed_off,
        lines=tuple(_lines(signoff, lang, words)),
        approvals=tuple(
            _line(number, approval, signoff, lang, words) for number, approval in enumerate(signoff.approvals, start=1)
        ),
        demonstration=words.demonstration if signoff.demonstration else "",
        fields=tuple(_fields(signoff, lang, words)),
    )


def short(digest: str) -> str:
    """The beginning of a digest, in groups that are easy to read aloud."""
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def field_name(approval: Approval) -> str:
    """The field of a co-signer."""
    return f"{approval.role}-{approval.key[:8]}"


def cosigners(signoff: SignOff) -> tuple[Approval, ...]:
    """The approvals of those who also sign the file, in the order of their signatures."""
    return tuple(approval for approval in signoff.approvals if approval.role in signoff.policy.cosigners)


def _lines(signoff: SignOff, lang: str, words: Phrases) -> Iterator[str]:
    edition = signoff.edition
    yield words.edition.format(number=edition.number, digest=short(signoff.digest))
    if edition.predecessor:
        before = {"number": edition.number - 1, "digest": short(edition.predecessor)}
        if edition.withdrawing:
            reason = edition.reason.get(lang) or next(iter(edition.reason.values()), "")
            yield words.withdraws.format(**before, reason=reason)
        else:
            yield words.supersedes.format(**before)


def _line(number: int, approval: Approval, signoff: SignOff, lang: str, words: Phrases) -> ApprovalLine:
    before, _, after = words.approval.partition("{name}")
    values = {"role": signoff.policy.title(approval.role, lang), "date": words.date_of(approval.when.date())}
    return ApprovalLine(
        subject=f"approval {number}",
        before=before.format(**values),
        name=approval.name,
        after=after.format(**values),
        lang=approval.lang if approval.lang != lang else "",
    )


def _fields(signoff: SignOff, lang: str, words: Phrases) -> Iterator[Field]:
    for approval in cosigners(signoff):
        title = words.signature_field.format(name=approval.name, role=signoff.policy.title(approval.role, lang))
        yield Field(name=field_name(approval), title=title)
    yield Field(name=SEAL, title=words.seal_field)


SALUTATION = "salutation"
"""The part of a letter that only a copy has."""


class _HasPart(Protocol):
    @property
    def part(self) -> str: ...


_S = TypeVar("_S", bound=_HasPart)


def greeted(sections: Iterable[_S], salutation: _S) -> Iterator[_S]:
    """The sections of a letter with the salutation after its addressees."""
    said = False
    for section in sections:
        if not said and section.part != Part.RECIPIENTS:
            said = True
            yield salutation
        yield section
    if not said:
        yield salutation
