"""An edition that was published, and recipients for it, for tests of its delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from tests.support.letters import LETTER, sources
from tests.support.published_letters import handed_over
from tests.support.signed_letters import build_context
from typeset.archive import APPROVALS, MANIFEST, SOURCES
from typeset.delivery.worker import CopyWorker, DeliveryJob
from typeset.pipeline import BuildContext
from typeset.recipients import Addressee, read_recipients
from typeset.sources import Sources

EDITION = "small.demonstration@1"
DAY = date(2026, 3, 4)
TWO = {
    "letter.toml": LETTER.replace('["en"]', '["en", "zh-Hant"]')
    .replace('office = "The Chair"', 'office = { en = "The Chair", zh-Hant = "主席" }')
    .replace('holder = "Ada Osei"', 'holder = { en = "Ada Osei" }'),
    "letter.zh-Hant.md": "# 小信\n\n收件人：{recipients}\n\n我們只求一事。\n\n{closing} 謹上\n\n{signatories}\n",
}


def addressee(
    name: str,
    *lines: str,
    salutation: str = "Excellency,",
    lang: str = "en",
    tags: Sequence[str] = (),
    salutation_lang: str = "",
) -> Addressee:
    """A recipient with an address of these lines."""
    return Addressee(
        id=name,
        office=f"Office of {name}",
        lang=lang,
        salutation=salutation,
        salutation_lang=salutation_lang,
        address=lines or ("The Permanent Representative", f"Mission of {name}", "New York, NY 10017"),
        languages=tuple(tags),
        kind="office",
    )


HANT = ("zh-Hant",) * 3
VARIED = (
    addressee("one-line", "The Secretary-General"),
    addressee("plain"),
    addressee("another"),
    addressee("long-line", "The Permanent Representative of " + "the United and Federated " * 3 + "Isles", "New York"),
    addressee("nine-lines", *(f"Line {number} of an address" for number in range(1, 10))),
    addressee("accents", "Son Excellence", "M. Đặng Văn Ñandú Čapek-Łukasz", "Genève", salutation="Excellence,"),
    addressee("chinese", "常駐代表閣下", "越南常駐聯合國代表團", "紐約", tags=HANT, salutation="閣下："),
    addressee(
        "chinese-too", "常駐代表閣下", "贊比亞常駐聯合國代表團", "紐約", tags=("zh-Hant",) * 3, salutation="閣下："
    ),
    addressee("arabic", "سعادة الممثل الدائم", "بعثة لبنان (NY)", "New York", tags=("ar", "ar", "en")),
    addressee("arabic-too", "سعادة الممثل الدائم", "بعثة مصر (NY)", "New York", tags=("ar", "ar", "en")),
    addressee(
        "russian", "Постоянное представительство", "Нью-Йорк", tags=("ru", "ru"), salutation="Ваше Превосходительство!"
    ),
    addressee("long-greeting", salutation="Your Excellency, " + "distinguished Representative, " * 5),
    addressee("marked", "A & B <Mission> “Quoted” {braces}", "50% — O’Neil", "=1+1"),
)


def open_house(sources: Sources) -> BuildContext:
    """The house's faces, in whatever process."""
    return build_context()


@cache
def kept(versions: int = 1) -> dict[str, bytes]:
    """What the archive keeps of the small letter's edition, in one language or in two."""
    return kept_of(sources(TWO if versions == 2 else None))


def kept_of(given: Mapping[str, bytes]) -> dict[str, bytes]:
    """What the archive keeps of the edition that is made of these files."""
    files = handed_over(given).files
    return {name: data for name, data in files.items() if name == MANIFEST or name.startswith((SOURCES, APPROVALS))}


def order(addressees: Sequence[Addressee] = VARIED, versions: int = 1) -> DeliveryJob:
    """Copies of that edition for these recipients."""
    return DeliveryJob(edition=EDITION, kept=kept(versions), addressees=tuple(addressees), open_context=open_house)


@cache
def bench(addressees: tuple[Addressee, ...] = VARIED, versions: int = 1) -> CopyWorker:
    """The same, opened."""
    return CopyWorker(order(addressees, versions))


@cache
def missions(lang: str = "en") -> tuple[Addressee, ...]:
    """All members and observers of the United Nations."""
    found, findings = read_recipients(b"set\nun-missions\n", languages=(lang,), today=DAY)
    assert not findings
    return found
