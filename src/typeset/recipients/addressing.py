"""From a row, or a member of a set, to the lines on an envelope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from typeset.diagnostics import Finding
from typeset.language import UNDETERMINED, WRITTEN, form_language
from typeset.locales import AddressForm, DeliveryWords
from typeset.recipients.addressee import Addressee
from typeset.recipients.known import Known, State
from typeset.recipients.rows import NOBODY, Row, fault, tagged
from typeset.scripts import scripts

_CHINESE = {"Hant": {"Hani", "Bopo"}, "Hans": {"Hani"}, "Jpan": {"Hani", "Hira", "Kana"}, "Kore": {"Hang", "Hani"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a row is about, once that is known: an office, a State's mission, or (neither) whom the row describes."""

    id: str
    row: Row
    office: str = ""
    state: State | None = None

    def overridden(self, row: Row) -> Target:
        """The same recipient with what a row of their own says instead of the set's."""
        said = {key: getattr(row, key) for key in ("holder", "until", "salutation", "address", "lang")}
        changed = replace(self.row, place=row.place, **{key: value for key, value in said.items() if value})
        # A date is about the name beside it.
        changed = replace(changed, until=row.until) if row.holder else changed
        return replace(self, id=row.id or self.id, row=changed)


def addressed(
    target: Target, lang: str, tongue: DeliveryWords | None, known: Known, today: date, findings: list[Finding]
) -> Addressee | None:
    """The recipient as addressed in a letter's version in ``lang``, by the forms of ``tongue``."""
    if not target.office and not target.state:
        return _described(target, lang, today, findings)
    row = target.row
    assert tongue is not None
    own = "" if tongue.lang == form_language(lang) else tongue.lang
    spoken = own or lang
    if target.state:
        form, name = tongue.missions[target.state.standing], tongue.names[target.state.code]
        of, kind, state = name.of, _KIND[target.state.standing], target.state.code
    else:
        form, of, kind, state = tongue.offices[target.office], "", "office", ""
    holder, until, theirs = _holder(target, form, known)
    if holder and not _in_office(until, today):
        assert until is not None
        findings.append(_expired(holder, until, target))
        return None
    honoured = _honoured(holder, form, tongue)
    place = row.address or tuple((said or spoken, line) for said, line in map(tagged, form.place))
    lines: list[tuple[str, str]] = []
    for pattern in form.named if holder else form.unnamed:
        if pattern == "{place}":
            lines.extend((_language(said, line, row.lang or spoken, spoken), line) for said, line in place)
        else:
            said = _language(row.lang, honoured, spoken, spoken) if pattern == "{holder}" and row.holder else spoken
            lines.append((said, pattern.replace("{holder}", honoured).replace("{of}", of)))
    salutation = (form.salutation_of_holder if theirs else "") or form.salutation
    return Addressee(
        id=target.id,
        kind=kind,
        state=state,
        office=form.office.replace("{of}", of),
        holder=holder,
        until=until if holder else None,
        lang=lang,
        salutation=row.salutation or salutation,
        salutation_lang=(row.lang or spoken) if row.salutation else spoken,
        address=tuple(line for _, line in lines),
        languages=tuple(said for said, _ in lines),
        place=row.place,
    )


_KIND = {"member": "mission", "observer": "observer"}


def _described(target: Target, lang: str, today: date, findings: list[Finding]) -> Addressee | None:
    """Somebody whom only the row knows: it has to say everything."""
    row = target.row
    lacking = [column for column in ("office", "salutation", "address") if not getattr(row, column)]
    if lacking:
        fact = f"the row has no {' and no '.join(lacking)}, and nothing else knows this recipient"
        hint = "write them, or name a set, a State or an office that is known"
        findings.append(fault("incomplete-recipient", fact, row.place, hint, row.subject))
        return None
    holder = "" if row.holder == NOBODY else row.holder
    if holder and not _in_office(row.until, today):
        assert row.until is not None
        findings.append(_expired(holder, row.until, target))
        return None
    spoken = row.lang or lang
    lines = [("", line) for line in (holder, row.office) if line] + list(row.address)
    return Addressee(
        id=target.id,
        kind="other",
        office=row.office,
        holder=holder,
        until=row.until if holder else None,
        lang=lang,
        salutation=row.salutation,
        salutation_lang=spoken,
        address=tuple(line for _, line in lines),
        languages=tuple(_language(said, line, spoken, spoken) for said, line in lines),
        place=row.place,
    )


def _holder(target: Target, form: AddressForm, known: Known) -> tuple[str, date | None, bool]:
    """Who is addressed by name, until when they are known to hold the office, and whether the data say so."""
    row = target.row
    if row.holder == NOBODY:
        return "", None, False
    if row.holder:
        return row.holder, row.until, False
    return form.holder, row.until or known.until.get(target.office), bool(form.holder)


def _in_office(until: date | None, today: date) -> bool:
    return until is None or today <= until


def _expired(holder: str, until: date, target: Target) -> Finding:
    fact = f"{holder} is known to hold the office until {until:%Y-%m-%d}, not today"
    hint = f"write who holds it now in holder and until, or “{NOBODY}” in holder to address the office without a name"
    return fault("expired-holder", fact, target.row.place, hint, f"recipient {target.id}")


def _honoured(holder: str, form: AddressForm, tongue: DeliveryWords) -> str:
    """The holder with what the office is owed, unless whoever wrote the name has put it there."""
    if not holder or any(holder.startswith(word) or holder.endswith(word) for word in tongue.honorifics):
        return holder
    return form.honour.replace("{holder}", holder)


def _language(said: str, line: str, likely: str, spoken: str) -> str:
    """The language of a line: as said, else the likely one, unless that is not written in the line's script."""
    if said:
        return said
    found = scripts(line)
    for lang in (likely, spoken):
        script = WRITTEN.get(form_language(lang), "")
        if not found or not script or found <= _CHINESE.get(script, {script}):
            return lang
        # Western names stand inside lines of Chinese.
        if script in _CHINESE and found & _CHINESE[script]:
            return lang
    return UNDETERMINED
