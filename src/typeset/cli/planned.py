"""An import as people and machines read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typeset.cli.drawing import as_json, summary, visible, where
from typeset.listing import Plan
from typeset.manuscript.listing import ROLES

_MOST = 50
"""New names that are shown after an import; a dry run shows all."""


def plan_lines(plan: Plan, folder: str, *, refused: bool, dry: bool) -> Iterator[str]:
    """What an import does, or would do, as a table: how columns were read, who is new, which rows make nobody new."""
    for each in plan.read:
        sheet = each.headed.sheet
        name = f"{each.file}, sheet {sheet.name}" if sheet.name else each.file
        facts = "; ".join(sheet.facts)
        named = f"{len(each.entries)} named" + (f", {len(each.unnamed)} anonymous" if each.unnamed else "")
        yield f"{visible(name)} ({facts}): {_many(each.rows, 'row')}, {named}"
        known = "as in letter.toml" if each.headed.known else "as guessed from the headings, or as said"
        yield f"  columns, {known}:"
        for role in ROLES:
            for heading in each.headed.columns.of(role):
                yield f"    {role:<10} {visible(heading)}"
    for number in plan.withdrawn:
        yield f"- {number:>5}  withdrawn: asks to stay unnamed"
    for arrival in plan.added if dry or refused or len(plan.added) <= _MOST else ():
        one = arrival.signatory
        yield f"+ {one.number:>5}  {visible(one.name)}  [{one.lang}, {one.kind}]  {where(arrival.entry.place, '')}"
    for left in plan.left:
        yield f"  not new: {where(left.entry.place, '')}  {visible(left.entry.name)}: {left.why}"
    for each in plan.read:
        for passed in each.passed:
            yield f"  not read: {where(passed.place, '')}: {passed.why}"
    if plan.renumbered:
        yield f"  {len(plan.renumbered)} signatories get another number"
    known, decided = _many(plan.known, "row"), _many(len(plan.answered), "doubt")
    yield f"{known} of signatories on the list; {decided} decided"
    yield f"named {plan.named[0]} → {plan.named[1]}, anonymous {plan.anonymous[0]} → {plan.anonymous[1]}"
    yield _verdict(plan, folder, refused=refused, dry=dry)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _verdict(plan: Plan, folder: str, *, refused: bool, dry: bool) -> str:
    if refused:
        return f"nothing was imported: {summary(plan.open)}"
    if not plan.files:
        return "nothing to change"
    return f"{'would change' if dry else 'changed'} in {folder}: {', '.join(plan.files)}"


def plan_as_json(plan: Plan, *, done: bool) -> dict[str, Any]:
    """The same for machines."""
    return {
        "done": done,
        "tables": [
            {
                "file": each.file,
                "sheet": each.headed.sheet.name,
                "sha256": each.digest,
                "rows": each.rows,
                "named": len(each.entries),
                "anonymous": len(each.unnamed),
                "columns": {role: list(given) for role, given in each.headed.columns.roles.items()},
                "columns_known": each.headed.known,
                "not_read": [{"place": where(one.place, ""), "why": one.why} for one in each.passed],
            }
            for each in plan.read
        ],
        "added": [
            {
                "number": each.signatory.number,
                "name": each.signatory.name,
                "lang": each.signatory.lang,
                "kind": str(each.signatory.kind),
                "place": where(each.entry.place, ""),
            }
            for each in plan.added
        ],
        "not_new": [
            {"place": where(each.entry.place, ""), "name": each.entry.name, "why": each.why} for each in plan.left
        ],
        "withdrawn": list(plan.withdrawn),
        "renumbered": {str(old): new for old, new in plan.renumbered.items()},
        "known": plan.known,
        "named": list(plan.named),
        "anonymous": list(plan.anonymous),
        "files": list(plan.files),
        "findings": as_json(plan.open, ""),
    }
