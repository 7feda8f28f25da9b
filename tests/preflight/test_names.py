"""Names of any kind that the house's faces cover, printed and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.preflight_letter import finished, folder, said

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZàâäåæçéèêëîïñóôöøœßüúÿžŽšŠłŁđĐığİşŞőŐțȚĂăĄęĘńćĆ0123456789"
VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵĐƠƯÂÊÔ"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯіїєґІЇЄҐјљњћџў"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىةپچژگکی"
HAN = "台灣香港人權民主自由聯盟協會團結河川居民守護環境國際組織婦女勞工學生會議促進監督村莊流域水源龜鬱"
KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
    "アイウエオカキクケコサシスセソーッャュョ"
)

_JOINERS = {
    "en": (LATIN, [" ", " ", "-", ", ", " & ", "'", "/", " – ", ". "]),
    "vi": (VIETNAMESE, [" ", " ", " - ", ", "]),
    "ru": (CYRILLIC, [" ", " ", "-", " № 5 "]),
    "ar": (ARABIC, [" ", " ", " - ", "، ", " 12 ", " ٣٤ ", "/"]),
    "zh-Hant": (HAN, ["", "", "、", "·", "／"]),
    "ja": (HAN[:10] + KANA, ["", "", "・", "、"]),
}


def words(lang: str) -> st.SearchStrategy[str]:
    """Words of one language with what stands between words in it; some of them in brackets."""
    letters, between = _JOINERS[lang]
    word = st.text(letters, min_size=1, max_size=12)

    def joined(parts: Sequence[tuple[str, str]]) -> str:
        return "".join(part + mark for part, mark in parts[:-1]) + parts[-1][0]

    plain = st.lists(st.tuples(word, st.sampled_from(between)), min_size=1, max_size=8).map(joined)
    brackets = (
        ("（{}）", "【{}】", "「{}」")
        if lang in ("zh-Hant", "ja")
        else (" ({})", " ({}) x" if lang == "en" else " ({})")
    )
    return st.one_of(
        plain, plain, st.builds(lambda a, b, form: a + form.format(b), plain, word, st.sampled_from(brackets))
    )


@st.composite
def rows(draw: st.DrawFn) -> list[str]:
    """The cells name, language and passages: in one language, or two of them with one marked in the other."""
    lang = draw(st.sampled_from(sorted(_JOINERS)))
    name = draw(words(lang))
    if draw(st.booleans()):
        return [name, draw(st.sampled_from([lang, lang, "und"])), ""]
    other = draw(st.sampled_from([tag for tag in sorted(_JOINERS) if tag != lang]))
    passage = draw(words(other))
    glue = draw(st.sampled_from([" ", ", ", " – "]))
    whole = f"{name}{glue}{passage}" if draw(st.booleans()) else f"{passage}{glue}{name}"
    return [whole, lang, f"{other}:{passage}"] if whole.count(passage) == 1 else [whole, "und", ""]


def table(names: Sequence[Sequence[str]]) -> list[str]:
    lines = []
    for number, (name, lang, spans) in enumerate(names, start=1):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow((number, name, lang, spans, "organisation", ""))
        lines.append(line.getvalue())
    return lines


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(rows(), min_size=20, max_size=20))
def test_every_name_that_the_faces_cover_is_printed_and_read_back(names: list[list[str]]) -> None:
    assert said(finished(folder(table(names)))) == set()
