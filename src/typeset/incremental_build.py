"""A letter that is built again and again: only what an edit changes is done again.

Two things are kept from one build to the next: the pages as they were laid out (`render.incremental`), and the letter
as it was read. When only words of paragraphs and names have changed, the new pages are made from these two, before the
rest of the new sources is read. The whole build that follows uses these pages if they are right, and lays them out
itself if not.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from typeset.compose import Markup, name_markup, read_look, runs_markup, text_runs
from typeset.decisions import Decision, apply, read_decisions
from typeset.diagnostics import errors
from typeset.engine.speedups import parse
from typeset.fonts import Replanning, WordsToSet
from typeset.manuscript import read_letter, with_versions
from typeset.model import Letter, Part, Signatory, Version
from typeset.pipeline import BuildContext, CheckedLetter
from typeset.render import attachments
from typeset.sources import Sources

if TYPE_CHECKING:
    from typeset.render.incremental import PageCache


def words_in(fragment: str, lang: str, sources: Sources) -> tuple[WordsToSet, ...]:
    """The words of some markup in a letter of this language and these looks."""
    look = read_look(sources)
    bold, italic = frozenset(look.get("bold", ())), frozenset(look.get("italic", ()))
    return text_runs(parse(fragment), lang, bold, italic, ())


_WORDS = frozenset({Part.PARAGRAPH, Part.QUOTE, Part.NOTE, Part.ITEM, Part.CLOSING})
"""Blocks that have only words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPages:
    """A version's pages, made before the build that proves them.

    ``changed`` are the pages that differ from the last whole build, counted from 0.
    """

    lang: str
    data: bytes
    pages: int
    changed: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _NameExchange:
    """Markup that replaces other markup about a subject; ``around`` is the markup on both sides of it in a page."""

    old: str
    new: str
    around: tuple[str, str]
    subject: str = ""


class IncrementalBuild:
    """What is kept of a letter between builds."""

    def __init__(self) -> None:
        self.press = page_cache()
        self._checked: CheckedLetter | None = None
        self._as_typed: Letter | None = None
        self._decisions: tuple[Decision, ...] = ()
        self._plans: dict[str, Replanning] = {}
        self._markups: dict[str, Markup] = {}
        self._since: dict[str, frozenset[int]] = {}

    def at_work(self, context: BuildContext) -> BuildContext:
        """The context, rendering with the pages that are kept."""
        return replace(context, render=self.press) if self.press else context

    def remember(self, checked: CheckedLetter) -> None:
        """Keep a letter that was built from these sources."""
        self._checked, self._as_typed = checked, None
        self._decisions, _ = read_decisions(checked.sources.get("decisions.toml", b""))
        self._markups = {lang: markup for lang, (markup, _) in checked.drafts.items()}
        self._since = {}
        # Counted now, while the user does not wait.
        self._plans = {lang: Replanning(plan) for lang, (_, plan) in checked.drafts.items()}
        if self.press:
            self.press.prepare()

    def settle(self) -> None:
        """Collect garbage now, not during the next edit: a layout has a hundred thousand objects in cycles."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def ahead(self, sources: Sources) -> tuple[EarlyPages, ...]:
        """The pages of the versions that changed, if only words of paragraphs and names changed. Empty otherwise."""
        before = self._checked
        if self.press is None or before is None or (letter := self._reread(before, sources)) is None:
            return ()
        made = []
        for version, exchanges in tuple(_changed(before.letter, letter)):
            pages = self._made(letter, version, exchanges, sources) if exchanges else None
            if exchanges is None or (exchanges and pages is None):
                # The build that follows finds what was made of other versions.
                return ()
            made += [pages] if pages else []
        self._checked = replace(before, sources=sources, letter=letter)
        return tuple(made)

    def _reread(self, before: CheckedLetter, sources: Sources) -> Letter | None:
        """The letter in new sources as it is printed; None when more has changed than words and names."""
        if before.letter.changes is not None or sources.keys() != before.sources.keys():
            return None
        differing = {path for path in sources if sources[path] != before.sources[path]}
        if not all(path == "signatories.csv" or _is_version(path) for path in differing):
            return None
        languages = [path.removeprefix("letter.").removesuffix(".md") for path in differing if _is_version(path)]
        listed = "signatories.csv" in differing
        manuscript = read_letter(sources) if listed else with_versions(self._typed(before), sources, languages)
        letter, unprintable = apply(manuscript.letter, self._decisions)
        if errors((*manuscript.findings, *unprintable)):
            return None
        self._as_typed = manuscript.letter
        return letter

    def _typed(self, before: CheckedLetter) -> Letter:
        if self._as_typed is None:
            self._as_typed = read_letter(before.sources).letter
        return self._as_typed

    def _made(
        self, letter: Letter, version: Version, exchanges: Sequence[_NameExchange], sources: Sources
    ) -> EarlyPages | None:
        markup = self._markups.get(version.lang)
        if markup is None:
            return None
        plan, html = self._plans[version.lang], markup.html
        for exchange in exchanges:
            before, after = exchange.around
            place = before + exchange.old + after
            if html.count(place) != 1:
                return None
            html = html.replace(place, before + exchange.new + after)
            old, new = (
                words_in(f'<div data-subject="{exchange.subject}">{words}</div>', version.lang, sources)
                for words in (exchange.old, exchange.new)
            )
            if not plan.exchange(old, new):
                return None
        markup = replace(markup, html=html)
        lists = attachments(letter, version) if any(exchange.subject for exchange in exchanges) else None
        rendered = self.press.again(markup, lists) if self.press else None
        if self.press is None or rendered is None:
            return None
        self._markups[version.lang] = markup
        changed = self._since.get(version.lang, frozenset()) | self.press.changed(version.lang)
        self._since[version.lang] = changed
        return EarlyPages(lang=version.lang, data=rendered.data, pages=rendered.pages, changed=changed)


def page_cache() -> PageCache | None:
    """The cache of a letter's pages; None when there is none. Then each build lays out all pages."""
    try:
        from typeset.render.incremental import PageCache
    except ModuleNotFoundError:
        return None
    return PageCache()


def _is_version(path: str) -> bool:
    return path.startswith("letter.") and path.endswith(".md")


def _changed(before: Letter, after: Letter) -> Iterator[tuple[Version, tuple[_NameExchange, ...] | None]]:
    """Every version with what changes on its pages; None for a version in which more than words changes."""
    alike = replace(after, versions=(), signatories=(), recipients=()) == replace(
        before, versions=(), signatories=(), recipients=()
    )
    alike = alike and [(one.office, one.holder) for one in before.recipients] == [
        (one.office, one.holder) for one in after.recipients
    ]
    alike = alike and len(before.versions) == len(after.versions)
    for place, version in enumerate(after.versions):
        if not alike:
            yield version, None
            continue
        blocks = _of_blocks(before, after, before.versions[place], version)
        names = _of_names(before.signatories, after.signatories, version.lang)
        yield version, None if blocks is None or names is None else (*blocks, *names)


def _of_blocks(before: Letter, after: Letter, old: Version, new: Version) -> tuple[_NameExchange, ...] | None:
    if (old.lang, old.title, old.printed_title, len(old.blocks)) != (
        new.lang,
        new.title,
        new.printed_title,
        len(new.blocks),
    ):
        return None
    found = []
    for one, other in zip(old.blocks, new.blocks, strict=True):
        if (one.part, one.level, one.ordinal) != (other.part, other.level, other.ordinal):
            return None
        if one.runs != other.runs:
            if one.part not in _WORDS:
                return None
            around = ("</span>", "</li>") if one.part is Part.ITEM else (">", "</p>")
            found.append(
                _NameExchange(
                    old=str(runs_markup(one.runs, before.counts)),
                    new=str(runs_markup(other.runs, after.counts)),
                    around=around,
                )
            )
    return tuple(found)


def _of_names(before: Sequence[Signatory], after: Sequence[Signatory], lang: str) -> tuple[_NameExchange, ...] | None:
    if len(before) != len(after):
        return None
    found = []
    for one, other in zip(before, after, strict=True):
        if one.number != other.number:
            return None
        if (one.printed, one.name, one.lang, one.passages) == (other.printed, other.name, other.lang, other.passages):
            continue
        old, new = str(name_markup(one, lang)), str(name_markup(other, lang))
        if old != new:
            around = (f'{one.number}.</span><span class="gap"> </span>', "</li>")
            found.append(_NameExchange(old=old, new=new, around=around, subject=f"signatory {one.number}"))
    return tuple(found)
