"""A letter that is kept warm: whatever was edited, its pages are those that a fresh build makes, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache

import pytest
from hypothesis import given, settings, strategies as st

from tests.support.letters import sources
from typeset.diagnostics import LetterError
from typeset.fonts import MemoryCache, Replanning, open_catalogue, plan_faces
from typeset.incremental_build import IncrementalBuild
from typeset.pipeline import BuildContext, build, examine
from typeset.sources import Sources, house

LETTER = """schema = 1
id = "river"
date = 2026-03-04
languages = ["en", "zh-Hant"]
anonymous = 2

[[recipients]]
office = { en = "The Chair", zh-Hant = "主席" }
"""
ENGLISH = """# Give the river back

To: {recipients}

We, the people of the river, ask for **one thing** and one thing only: water that may be drunk by whoever lives on its
banks, in every season and in every village, as was promised to them when the dam was built.

- water for all
- water for ever

> We ask it again.

Whoever signs asks it, too, with [a link](https://example.org/water) to what was said.

{closing} Respectfully,

{signatories}

{total} signed. The people of the river thank them.
"""
CHINESE = """# 還河於民

收件人：{recipients}

我們是沿岸居民，共 {total} 人連署。請**立即**停止在下游築壩，公開環境評估，並依照公約第五條與居民協商，\
直到每一個村莊都說過話為止。

我們再次請求。

{closing} 謹上

{signatories}
"""
LIST = """number,name,lang,spans,kind,note
1,Amis du Delta,fr,,organisation,
2,أصدقاء النهر,ar,,organisation,
3,Watch 川の声 Group,und,ja:川の声,organisation,
4,Друзья реки,ru,,organisation,
5,沿岸居民自救會,zh-Hant,,organisation,
6,Amis du Delta d'Afrique,fr,,organisation,
"""
FILES = {"letter.toml": LETTER, "letter.en.md": ENGLISH, "letter.zh-Hant.md": CHINESE, "signatories.csv": LIST}


@cache
def context() -> BuildContext:
    catalogue, _ = open_catalogue(house() / "fonts")
    return BuildContext(catalogue=catalogue, cache=MemoryCache(), watch=lambda _: nullcontext())


def pages(given: Sources, at: BuildContext, warm: IncrementalBuild | None = None) -> dict[str, bytes] | str:
    """The pages by language; what a refusal says otherwise."""
    try:
        checked = examine(given, at)
        made = build(checked, at, formats=("pdf",), languages=["en", "zh-Hant"])
    except LetterError as refused:
        return ", ".join(sorted({finding.code for finding in refused.findings}))
    if warm:
        warm.remember(checked)
    return {artifact.lang: artifact.data for artifact in made}


class Desk:
    """Somebody who edits, with a warm letter before them."""

    def __init__(self, **changed: str) -> None:
        self.files = FILES | changed
        self.warm = IncrementalBuild()
        self.context = self.warm.at_work(context())
        self.shown = pages(sources(self.files), self.context, self.warm)

    def save(self, **changed: str) -> tuple[str, ...]:
        """Save; the languages of the pages that were made ahead of the build. The build has to find the same."""
        self.files = self.files | changed
        given = sources(self.files)
        ahead = self.warm.ahead(given)
        after = pages(given, self.context, self.warm)
        assert after == pages(given, context())
        if isinstance(after, dict):
            assert {made.lang: made.data for made in ahead}.items() <= after.items()
        return tuple(made.lang for made in ahead)


@pytest.mark.parametrize(
    ("changed", "ahead"),
    [
        ({"letter.en.md": ENGLISH.replace("one thing only", "only one thing")}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("water for ever", "for ever water")}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("We ask it again.", "We again ask it.")}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("thank them", "them thank")}, ("en",)),
        ({"letter.zh-Hant.md": CHINESE.replace("再次請求", "請求再次")}, ("zh-Hant",)),
        ({"letter.en.md": "\n\n" + ENGLISH}, ()),
        ({"signatories.csv": LIST.replace("Amis du Delta,", "Delta du Amis,")}, ("en", "zh-Hant")),
        ({"signatories.csv": LIST.replace("Watch 川の声 Group", "Group 川の声 Watch")}, ("en", "zh-Hant")),
        ({"signatories.csv": LIST.replace("沿岸居民自救會", "居民沿岸自救會")}, ("en", "zh-Hant")),
        ({"letter.en.md": ENGLISH.replace("thank them.", "thank them. " * 9)}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("was promised", "was was promised" * 9)}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("to what was said", "to what was said " * 9)}, ("en",)),
        ({"letter.en.md": ENGLISH.replace("[a link]", "[" + "a link " * 20 + "]")}, ()),
        ({"letter.en.md": ENGLISH.replace("thank them.", "thank them. " * 999)}, ()),
        ({"signatories.csv": LIST.replace("Amis du Delta,", "Amis du Delta" + " du Delta" * 9 + ",")}, ()),
        ({"letter.en.md": ENGLISH.replace("# Give the river back", "# Give back the river")}, ()),
        ({"letter.en.md": ENGLISH.replace("We ask it again.", "We **ask** it again.")}, ()),
        ({"letter.en.md": ENGLISH.replace("ask it again", "ask it again ₪")}, ()),
        ({"letter.en.md": ENGLISH + "\nOne more note.\n"}, ()),
        ({"signatories.csv": LIST + "7,Amis,fr,,organisation,\n"}, ()),
        ({"signatories.csv": LIST.replace("4,Друзья реки,ru", "4,Друзья реки,uk")}, ()),
        ({"letter.toml": LETTER.replace("anonymous = 2", "anonymous = 3")}, ()),
        ({"letter.toml": LETTER.replace("03-04", "03-05")}, ()),
        ({"letter.en.md": ENGLISH.replace("{closing}", "{closing")}, ()),
    ],
)
def test_an_edit_shows_its_pages_ahead_where_the_lines_hold(changed: dict[str, str], ahead: tuple[str, ...]) -> None:
    desk = Desk()

    assert desk.save(**changed) == ahead
    # And back again.
    desk.save(**FILES)


def test_a_look_of_its_own_that_says_a_paragraph_twice_is_built_right() -> None:
    template = (house() / "templates" / "letter" / "letter.html.j2").read_text()
    own = template.replace("<h1 data", '<p class="motto">{{ sections[1].content }}</p>\n<h1 data', 1)
    assert own != template
    desk = Desk(**{"templates/letter.html.j2": own})

    desk.save(**{"letter.en.md": ENGLISH.replace("one thing only", "only one thing")})


def test_several_edits_in_a_row_are_all_shown_ahead() -> None:
    desk = Desk()

    for old, new in (("one thing only", "only one thing"), ("thank them", "them thank"), ("again.", "again!.")):
        text = desk.files["letter.en.md"].replace(old, new)
        ahead = desk.save(**{"letter.en.md": text})
        assert ahead == (() if "!" in new else ("en",))


def test_pages_made_ahead_of_a_build_that_refuses_do_not_stay() -> None:
    desk = Desk()

    desk.save(**{"letter.en.md": ENGLISH.replace("We ask it", "We {ask it")})
    assert desk.save(**FILES) == ()
    assert desk.save(**{"letter.en.md": ENGLISH.replace("one thing only", "only one thing")}) == ("en",)


LONG = "\n\n".join(
    f"Whoever lives by the river asks for **water**, time {number}, and asks again, as the river does: "
    + "water that may be drunk by whoever lives on its banks, in every season and in every village. " * (number % 4 + 1)
    + ("\n\n## And again" if number % 5 == 4 else "")
    + (" [said](https://example.org/water) and done." if number % 5 == 2 else "")
    for number in range(24)
)


MORE_MOVES = ((0, 1), (7, 1), (16, 3), (23, 1), (23, 2), (12, -1))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (0, 4),
        (7, 40),
        (11, 2),
        (3, -2),
        *(
            pytest.param(*case, marks=pytest.mark.long)
            for case in ((0, 1), (7, 1), (16, 3), (23, 1), (23, 2), (12, -1))
        ),
    ],
)
def test_lines_that_move_on_to_other_pages_are_those_of_a_fresh_build(where: int, more: int) -> None:
    long = ENGLISH.replace("We ask it again.", "We ask it again.\n\n" + LONG)
    desk = Desk(**{"letter.en.md": long})
    lines = long.split("\n")
    at = [place for place, line in enumerate(lines) if line.startswith("Whoever lives by")][where]
    words = "and asks again, " * more if more > 0 else ""
    lines[at] = lines[at].replace("water that may be drunk ", "")[: None if more > 0 else 40 * more] + words

    ahead = desk.save(**{"letter.en.md": "\n".join(lines)})
    back = desk.save(**{"letter.en.md": long})

    # Where a link or an element comes to another page, or is gone, the whole is rendered again.
    assert ahead == back == (() if (where, more) in ((7, 1), (11, 2), (12, -1)) else ("en",))


EXAMPLES = 500 if settings.get_current_profile_name() == "prove" else 12
"""Each builds several letters."""


def swapped(text: str, chance: Callable[[int, int], int]) -> str:
    """A text with two stretches of it in each other's places."""
    cuts = sorted(chance(0, len(text)) for _ in range(4))
    a, b, c, d = cuts
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_any_edits_give_the_pages_of_fresh_builds(data: st.DataObject) -> None:
    desk = Desk()

    def chance(low: int, high: int) -> int:
        return data.draw(st.integers(low, high))

    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(["letter.en.md", "letter.zh-Hant.md", "signatories.csv"]))
        lines = desk.files[name].split("\n")
        at = chance(0, len(lines) - 1)
        match data.draw(st.sampled_from(["words", "swap", "cut", "again", "typed"])):
            case "words":
                words = lines[at].split(" ")
                one, other = chance(0, len(words) - 1), chance(0, len(words) - 1)
                words[one], words[other] = words[other], words[one]
                lines[at] = " ".join(words)
            case "swap":
                lines[at] = swapped(lines[at], chance)
            case "cut":
                lines[at] = lines[at][: chance(0, len(lines[at]))]
            case "again":
                lines[at] += lines[chance(0, len(lines) - 1)]
            case _:
                typed = data.draw(st.text("aeinostu ,.我們河水é*[]{}<&", max_size=8))
                place = chance(0, len(lines[at]))
                lines[at] = lines[at][:place] + typed + lines[at][place:]
        desk.save(**{name: "\n".join(lines)})


def test_a_plan_is_kept_only_while_its_cuts_stay() -> None:
    markup, plan = examine(sources(FILES), context()).drafts["en"]
    kept = Replanning(plan)
    words = next(words for words in markup.words if words.text.startswith("We ask it"))

    def like(text: str) -> list[object]:
        from dataclasses import replace

        return [replace(words, text=text)]

    assert not kept.exchange([words], like("We ask it again, Ω."))  # type: ignore[arg-type]
    assert not kept.exchange([words], [])
    assert not kept.exchange(like("nowhere"), like("somewhere"))  # type: ignore[arg-type]
    assert kept.plan == plan

    assert kept.exchange([words], like("We again ask it."))  # type: ignore[arg-type]
    changed = tuple(like("We again ask it.")[0] if one == words else one for one in markup.words)
    assert kept.plan == plan_faces(changed, context().catalogue, "en")  # type: ignore[arg-type]
