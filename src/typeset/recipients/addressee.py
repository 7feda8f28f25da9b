"""One recipient of a delivery, as an envelope would address it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import rfc8785

from typeset.diagnostics import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who gets one copy, and how it is addressed.

    ``id`` is predictable, unique in a delivery and safe as the name of a file: ``secretary-general``,
    ``mission-france``. ``lang`` (BCP 47) is the language of the letter's version that the copy is made in; what the
    list of recipients says in another one is tagged by line in ``languages``, and in ``salutation_lang``. ``until`` is
    the last day on which ``holder`` is known to hold the office.
    """

    id: str
    office: str
    holder: str = ""
    until: date | None = None
    lang: str
    salutation: str
    salutation_lang: str = ""
    address: tuple[str, ...]
    languages: tuple[str, ...] = ()
    """A BCP 47 tag for every line of the address."""
    kind: str
    state: str = ""
    """ISO 3166-1 alpha-3, of a mission."""
    place: Place | None = None

    def __post_init__(self) -> None:
        if not self.languages:
            object.__setattr__(self, "languages", (self.lang,) * len(self.address))
        if not self.salutation_lang:
            object.__setattr__(self, "salutation_lang", self.lang)
        assert len(self.languages) == len(self.address)

    def record(self) -> dict[str, object]:
        """What a copy says about its recipient: everything but the place where the list says it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "office": self.office,
            "holder": self.holder,
            "until": self.until.isoformat() if self.until else "",
            "lang": self.lang,
            "salutation": {"lang": self.salutation_lang, "text": self.salutation},
            "address": [{"lang": lang, "text": line} for lang, line in zip(self.languages, self.address, strict=True)],
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of the record in its canonical form (RFC 8785)."""
        return hashlib.sha256(rfc8785.dumps(self.record())).hexdigest()  # type: ignore[arg-type]
