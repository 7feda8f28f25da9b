"""What of a signatory may be compared after the boundary: digests, which can be held against each other and not read.

A contact never goes further than this; nor does the name of somebody who wants to stay unnamed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from typeset.check.folding import fold, folded_words
from typeset.listing.sounds import sound

_MAIL = re.compile(r"[^\s@<>(),;:]+@([^\s@<>(),;:/]+\.[^\s@<>(),;:/.]{2,})")
_HOST = re.compile(r"(?:https?://|\bwww\.)([^\s/:?#<>(),;]+\.[^\s/:?#<>(),;.]{2,})", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d[\d\s()./-]{6,}\d")
CONTACT = re.compile(rf"{_MAIL.pattern}|(?<!\w)\+\d[\d\s()./-]{{7,}}\d")
"""An address or a number of somebody inside other words; a year or a house number is none."""
_PUBLIC_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com", "msn.com", "yahoo.com",
        "yahoo.fr", "yahoo.es", "yahoo.co.uk", "yahoo.co.jp", "yahoo.com.tw", "yahoo.com.hk", "ymail.com", "icloud.com",
        "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "t-online.de", "freenet.de",
        "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io", "riseup.net",
        "disroot.org", "mail.ru", "yandex.ru", "yandex.com", "ya.ru", "rambler.ru", "list.ru", "bk.ru", "inbox.ru",
        "ukr.net", "i.ua", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net",
        "hanmail.net", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it",
        "tiscali.it", "terra.com", "uol.com.br", "bol.com.br", "rediffmail.com", "wordpress.com", "blogspot.com",
        "facebook.com", "instagram.com", "twitter.com", "x.com", "t.me", "wixsite.com", "github.io", "sites.google.com",
        "linktr.ee", "medium.com", "youtube.com", "linkedin.com",
    }
)  # fmt: skip
"""Providers that lend an address to anybody: two signatories with one of these have nothing in common."""
_BRACKETED = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Digests of a row. ``same`` of what makes two rows one signatory: the name, in any language that the row gives.

    ``contacts`` of single addresses and numbers, ``circles`` of the domains that are an organisation's own.
    """

    same: frozenset[bytes] = field(default=frozenset(), repr=False)
    contacts: frozenset[bytes] = field(default=frozenset(), repr=False)
    circles: frozenset[bytes] = field(default=frozenset(), repr=False)


def likeness(names: Iterable[str], contacts: Iterable[str] = ()) -> Likeness:
    """The digests of a row's names and contacts."""
    found, circles = _of_contacts(contacts)
    same = frozenset(same_name(name) for name in names if name.strip())
    return Likeness(same=same, contacts=found, circles=circles)


def alike(names: Iterable[str]) -> frozenset[bytes]:
    """Digests of what only suggests that two rows are one signatory.

    It is the name less its brackets, its words in any order, and its sound.
    """
    return frozenset(
        _digest(kind, text)
        for name in names
        for kind, text in (
            ("name", "".join(folded_words(_BRACKETED.sub("", name)))),
            ("words", " ".join(sorted(folded_words(name)))),
            ("sound", sound(name)),
        )
        if text
    )


def same_name(name: str) -> bytes:
    """The digest of a name without case, accents and marks; of its characters where no word is in it."""
    return _digest("name", "".join(folded_words(name)) or fold(name.strip()))


def sealed(digest: bytes, key: bytes) -> str:
    """A digest that only who has the key can hold against a name (HMAC, RFC 2104)."""
    return hmac.new(key, digest, hashlib.sha256).hexdigest()


def _of_contacts(contacts: Iterable[str]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    found: set[bytes] = set()
    circles: set[bytes] = set()
    for contact in contacts:
        text = contact.strip().lower()
        if not text:
            continue
        for mail in _MAIL.finditer(text):
            found.add(_digest("contact", mail[0]))
            circles.add(_digest("circle", mail[1])) if mail[1] not in _PUBLIC_MAIL else None
        for host in _HOST.finditer(text):
            bare = host[1].removeprefix("www.")
            circles.add(_digest("circle", bare)) if bare not in _PUBLIC_MAIL else None
        for phone in _PHONE.finditer(text):
            found.add(_digest("contact", re.sub(r"\D", "", phone[0])))
    return frozenset(found), frozenset(circles)


def _digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "surrogatepass")).digest()
