"""A letter in many scripts, rendered, with what its file has to be: for tests that then do harm to either."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from pypdf import PdfWriter

from tests.support.letters import Changed, sources
from typeset.compose import compose, read_words
from typeset.diagnostics import Finding
from typeset.fonts import Catalogue, MemoryCache, open_catalogue, plan_faces, subsets
from typeset.manuscript import COLUMNS, read_letter
from typeset.preflight import Expected, expected, preflight
from typeset.render import Attached, attachments, face_style, render_pdf
from typeset.sources import house

MADE = datetime(2026, 3, 4, tzinfo=UTC)

LETTER = """schema = 1
id = "river"
date = 2026-03-04
languages = ["zh-Hant"]
anonymous = 2

[[recipients]]
office = { zh-Hant = "河川委員會主席" }
holder = { zh-Hant = "歐賽·艾達" }

[[recipients]]
office = { zh-Hant = "沿岸各市" }
"""
BODY = """# 還河於民：停止在下游築壩

收件人：{recipients}

我們是沿岸居民，共 {total} 人連署。請**立即**停止在下游築壩，公開環境評估（Environmental Impact Assessment），\
並依照[公約](https://example.org/water)第五條與居民協商，直到每一個村莊都說過話為止。

我們的要求 (Our demands)：

- 公開評估
- 停止築壩，直到協商完成

## 為什麼

> 河水流過之處，皆是家園。[川の声を聞け]{lang=ja}

1. 魚群消失
2. 井水變鹹

{closing} 謹上

{signatories}

*其中 {anonymous} 人不願公開姓名。
"""
NAMES = (
    "1,Amis du Delta,fr,,organisation,",
    "2,أصدقاء النهر (ANR),ar,,organisation,",
    "3,Watch 川の声 Group,und,ja:川の声,organisation,",
    '4,"Hội Bảo vệ Sông, Việt Nam",vi,,organisation,',
    "5,Друзья реки,ru,,organisation,",
    "6,沿岸居民自救會,zh-Hant,,organisation,",
    "7,International Federation for the Protection of Rivers and the People who Live by Them,en,,organisation,",
    '8,"河川守護聯盟, Alliance for Rivers, 川の仲間",und,ja:川の仲間,organisation,',
    "9,流域居民長期監督開發計畫與環境影響評估促進會暨水源保育行動聯盟,zh-Hant,,organisation,",
    "10,=SUM(A1) Collective,en,,organisation,",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A file, and what it has to be."""

    data: bytes
    meant: Expected

    def findings(self) -> tuple[Finding, ...]:
        return preflight(self.data, self.meant)


def folder(
    rows: Sequence[str] = NAMES, body: str = BODY, letter: str = LETTER, more: Changed | None = None
) -> Mapping[str, str | bytes | None]:
    """The letter's files with some of them changed."""
    table = "\n".join((",".join(COLUMNS), *rows, ""))
    own: dict[str, str | bytes | None] = {"letter.toml": letter, "letter.zh-Hant.md": body, "signatories.csv": table}
    return own | {"letter.en.md": None} | dict(more or {})


@cache
def faces_at_hand() -> tuple[Catalogue, MemoryCache]:
    """The house's faces, and the subsets that were made of them already."""
    return open_catalogue(house() / "fonts")[0], MemoryCache()


def finished(
    changed: Changed | None = None,
    *,
    draft: bool = True,
    attached: Sequence[Attached] | None = None,
    furniture: Sequence[str] = (),
) -> Finished:
    """A letter rendered, with what its file has to be."""
    given = sources(folder() if changed is None else changed)
    manuscript = read_letter(given)
    assert not manuscript.findings
    letter, version = manuscript.letter, manuscript.letter.versions[0]
    markup = compose(letter, version, given, medium="print", draft=draft, generator="typeset")
    catalogue, cuts_made = faces_at_hand()
    plan = plan_faces(markup.words, catalogue, version.lang)
    assert not plan.findings
    faces, _ = subsets(plan.cuts, cache=cuts_made)
    files = {f"{place}.ttf": subset.data for place, subset in enumerate(faces)}
    addresses = {subset.cut: f"typeset:{name}" for subset, name in zip(faces, files, strict=True)}
    style = face_style(plan, addresses.__getitem__, pages=True)
    inside = attachments(letter, version)
    rendered = render_pdf(markup, style, files, attached=inside if attached is None else attached, made=MADE)
    meant = expected(
        letter,
        version,
        read_words(given, version.lang),
        pages=rendered.pages,
        faces=plan.faces,
        attachments={item.name: item.data for item in inside},
        draft=draft,
        furniture=furniture,
    )
    return Finished(data=rendered.data, meant=meant)


@cache
def good() -> Finished:
    """The letter as it is meant, rendered once."""
    return finished()


def instead(changed: Changed, *, draft: bool = True) -> Finished:
    """Another letter's pages where the good one was meant, with the good one's attachments."""
    meant = good().meant
    attached = [Attached(name=name, data=data, description="the list") for name, data in meant.attachments.items()]
    return replace(finished(changed, draft=draft, attached=attached), meant=meant)


def edited(change: Callable[[PdfWriter], object], of: Finished | None = None) -> Finished:
    """The good file after somebody had their way with it."""
    file = of or good()
    writer = PdfWriter(clone_from=io.BytesIO(file.data))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return replace(file, data=written.getvalue())


def said(file: Finished) -> set[tuple[str, str]]:
    """Code and subject of every finding."""
    return {(finding.code, finding.subject) for finding in file.findings()}
