"""Single signatories added, withdrawn or renamed, and the folder that these changes are written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from typeset.checks import check
from typeset.diagnostics import Finding, LetterError, Location, Severity, error, errors, letter_error, refuse_if_any
from typeset.importer import every_language, languages_of, says_person
from typeset.journal import folder_lock, write_files
from typeset.languages import UNDETERMINED
from typeset.letter_folder import read_folder
from typeset.manuscript import FORMER_FILE as FORMER, Became, Former, Intake, Order
from typeset.model import Kind, Signatory
from typeset.signatories import anonymity
from typeset.signatories.anonymity import Seals, read_seals
from typeset.signatories.answers import given_answers, questions_file
from typeset.signatories.import_plan import Plan, plan_import
from typeset.signatories.matches import letter_of, same
from typeset.signatories.rows import CONTACT, likeness
from typeset.signatories.store import FILES, INTAKE, ListState, Provenance, read_state
from typeset.signatories.table_reader import Asked, ImportedTable, Progress
from typeset.signatories.writer import ListUpdate, changed_files, names_left
from typeset.sources import Sources

FILE = "signatories.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEdit:
    """What a change to the list comes to: the files, the signatory as it is now, and what is to be said of it."""

    files: dict[str, bytes]
    signatory: Signatory | None
    findings: tuple[Finding, ...]
    renumbered: dict[int, int] = field(default_factory=dict)
    anonymous: int = 0


def add(
    state: ListState,
    name: str,
    *,
    today: date,
    lang: str = "",
    kind: str = "",
    note: str = "",
    source: str = "",
    consent: str = "",
    named_after_all: bool = False,
    renumber: bool = False,
) -> ListEdit:
    """The list with one more signatory, behind the others. One who withdrew gets a number like anybody else.

    ``named_after_all`` takes somebody out of the sealed intake who was anonymous so far.
    """
    name = name.strip()
    told, passages = languages_of(name)
    signatory = Signatory(
        number=state.highest + 1,
        name=name,
        lang=lang or told,
        passages=() if lang and lang != UNDETERMINED else passages,
        kind=Kind(kind) if kind else Kind.PERSON if says_person(name, every_language()) else Kind.ORGANISATION,
        note=note,
        place=Location(file="the new signatory"),
    )
    findings = list(_of_one(state, signatory))
    bearer = next((one for one in state.signatories if same(one.name) == same(name)), None)
    if bearer:
        findings.append(error("already-listed", f"no. {bearer.number} has this name", "nothing to do", file=FILE))
    seals, released = _released(state, name, named_after_all, findings)
    ordered = state.settings.list_policy.order is Order.WORDS
    if ordered and not renumber:
        hint = 'allow it with --renumber, for a new edition; or set order = "append"'
        findings.append(
            error(
                "renumbering-not-asked",
                "other signatories would get new numbers, because of the order in letter.toml",
                hint,
                file=FILE,
            )
        )
    refuse_if_any(findings)
    change = ListUpdate(
        today=today,
        new=(signatory,),
        forgotten=frozenset(one.name for one in state.former if one.name and same(one.name) == same(name)),
        provenance=(Provenance(number=signatory.number, source=source or "by hand", consent=consent),),
        anonymous=state.settings.anonymous - released,
        seals=seals if released else None,
        renumber=ordered,
    )
    files, numbers = changed_files(state, change)
    signatory = replace(signatory, number=numbers.get(signatory.number, signatory.number))
    return ListEdit(files=files, signatory=signatory, findings=tuple(findings), renumbered=numbers)


def withdraw(
    state: ListState,
    who: str,
    *,
    today: date,
    by: str = "",
    why: str = "",
    forget: bool = False,
    renumber: bool = False,
) -> ListEdit:
    """The list without a signatory. The number stays free, and the name is known when a file has it again.

    ``forget`` keeps no name: not to be found in any file of the folder, and not known again either.
    """
    signatory = find(state, who)
    ordered = state.settings.list_policy.order is Order.WORDS and renumber
    change = ListUpdate(
        today=today,
        going=(signatory,),
        hushed=forget,
        former=(
            Former(
                number=signatory.number,
                name="" if forget else signatory.name,
                became=Became.WITHDRAWN,
                when=today.isoformat(),
                by=by,
                why=why,
            ),
        ),
        renumber=ordered,
    )
    files, numbers = changed_files(state, change)
    known_as = (signatory.name, *(one.name for one in state.former if one.number == signatory.number))
    left = names_left(state, files, known_as) if forget else ()
    return ListEdit(files=files, signatory=signatory, findings=left, renumbered=numbers)


def withdraw_anonymous(state: ListState, *, today: date) -> ListEdit:
    """The count of anonymous signatories, less one who withdrew."""
    after = state.settings.anonymous - 1
    if after < 0:
        message = f"the letter has {state.settings.anonymous} anonymous signatories, so none can be withdrawn"
        raise letter_error("fewer-anonymous", message, "check anonymous in letter.toml", file=FILE)
    files, _ = changed_files(state, ListUpdate(today=today, anonymous=after))
    return ListEdit(files=files, signatory=None, findings=(), anonymous=after)


def rename(
    state: ListState,
    who: str,
    name: str,
    *,
    today: date,
    by: str = "",
    why: str = "",
    lang: str = "",
    forget: bool = False,
) -> ListEdit:
    """The list with another name for a signatory, who keeps the number. The earlier one is known when a file has it."""
    before = find(state, who)
    name = name.strip()
    if name == before.name and lang in ("", before.lang):
        raise letter_error("already-listed", f"no. {before.number} has this name", "nothing to do", file=FILE)
    told, passages = languages_of(name)
    after = replace(
        before,
        name=name,
        printed=name,
        lang=lang or (before.lang if before.lang != UNDETERMINED else told),
        passages=() if lang else passages,
        place=Location(file="the new name"),
    )
    others = replace_signatories(state, tuple(one for one in state.signatories if one.number != before.number))
    findings = list(_of_one(others, after))
    if bearer := next((one for one in others.signatories if same(one.name) == same(name)), None):
        findings.append(
            error("already-listed", f"no. {bearer.number} has this name", "withdraw one of them", file=FILE)
        )
    refuse_if_any(findings)
    kept = (
        ()
        if forget or name == before.name
        else (
            Former(
                number=before.number, name=before.name, became=Became.RENAMED, when=today.isoformat(), by=by, why=why
            ),
        )
    )
    change = ListUpdate(
        today=today,
        changed={before.number: after},
        former=kept,
        forgotten=frozenset({name}) | (frozenset({before.name}) if forget else frozenset()),
    )
    files, _ = changed_files(state, change)
    left = names_left(state, files, (before.name,)) if forget else ()
    return ListEdit(files=files, signatory=after, findings=(*findings, *left))


def find(state: ListState, who: str) -> Signatory:
    """The signatory with a number, or exactly a name. Raises `LetterError` where none or several have it."""
    found = [one for one in state.signatories if who.strip() == str(one.number) or same(one.name) == same(who)]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(one.number) for one in found)
        raise letter_error("which-signatory", f"nos. {numbers} have this name", "name one by its number", file=FILE)
    gone = next(
        (one for one in state.former if who.strip() == str(one.number) or (one.name and same(one.name) == same(who))),
        None,
    )
    hint = "give the number or the whole name, as in signatories.csv"
    if gone and gone.became is Became.WITHDRAWN:
        raise letter_error("no-such-signatory", f"no. {gone.number} has withdrawn", hint, file=FORMER)
    raise letter_error("no-such-signatory", "no signatory has this number or name", hint, file=FILE)


def replace_signatories(state: ListState, signatories: Sequence[Signatory]) -> ListState:
    """The state with other signatories."""
    return replace(state, signatories=tuple(signatories))


def _of_one(state: ListState, signatory: Signatory) -> tuple[Finding, ...]:
    """What `check` says of a new name, alone and beside those on the list."""
    if not signatory.name:
        return (
            error(
                "no-name",
                "there is no name",
                "write the name; an anonymous signatory is only counted, in letter.toml",
                file=FILE,
            ),
        )
    if CONTACT.search(signatory.name) or CONTACT.search(signatory.note):
        message = "the text contains an e-mail address or telephone number, which would be public"
        return (error("contact-in-name", message, "remove it", file=FILE),)
    letter = letter_of((*state.signatories, signatory), state.settings.anonymous)
    subject = f"signatory {signatory.number}"
    return tuple(
        finding
        for finding in check(letter, Sources({}))
        if (
            finding.subject == subject
            or finding.subject.endswith(f" and {signatory.number}")
            or finding.subject.startswith(f"signatories {signatory.number} and ")
        )
        and finding.code not in ("number-gap", "number-order", "name-repeated")
    )


def _released(state: ListState, name: str, named_after_all: bool, findings: list[Finding]) -> tuple[Seals, int]:
    """The intake without somebody who is named after all, and how many that takes off the count."""
    if state.settings.list_policy.intake is not Intake.SEALED:
        return Seals(), 0
    seals = read_seals(dict(state.files), findings, fresh=b"", expected=sum(one.anonymous for one in state.imports))
    digests = likeness((name,)).same
    if not seals.has(digests):
        return seals, 0
    if not named_after_all:
        hint = "if they want to be named now, add --named-after-all"
        findings.append(error("anonymity-wins", "a signatory with this name asked to stay anonymous", hint, file=FILE))
        return seals, 0
    return seals.without(digests), 1


_LARGEST = 64 << 20
"""Bytes of a table. A longer one is a mistake or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """An import: its plan, whether that was ``refused``, and whether it is ``done``, so that files were written."""

    plan: Plan
    refused: bool
    done: bool


def read_list(folder: Path) -> ListState:
    """The list of a letter folder. Raises `LetterError` with what has to be mended first."""
    return read_state(read_folder(folder, INTAKE))


@contextmanager
def open_list(folder: Path, *, dry: bool = False) -> Iterator[ListState]:
    """The list of a letter folder, to be changed: no other command writes there until the block ends.

    ``dry`` is for a change that is only shown, in a folder that may be read-only. Raises `LetterError` as `read_list`
    does, and with the code ``busy``.
    """
    with nullcontext() if dry else folder_lock(folder):
        yield read_list(folder)


def write_list(folder: Path, files: Mapping[str, bytes], state: ListState) -> None:
    """Write the files that a change to the list comes to; those of the intake so that only their owner reads them.

    ``state`` is the list that the change began with. Raises `LetterError` when its files are others now.
    """
    if files:
        private = tuple(name for name in files if name.startswith("intake/"))
        read = {name: state.files.get(name, b"") for name in {*FILES, *INTAKE, *files} - {anonymity.IGNORED}}
        write_files(folder, files, private=private, read=read)


def import_tables(
    folder: Path,
    paths: Sequence[Path],
    asked: Asked,
    *,
    answers: Path | None = None,
    by: str = "",
    questions: Path | None = None,
    strict: bool = False,
    dry: bool = False,
    watch: Progress = lambda step, rows: None,
) -> ImportReport:
    """Import tables (CSV, XLSX) into the list of a letter folder: all of them, or nothing while an error is open.

    ``answers`` is a form that somebody filled in, ``by`` who decides where it does not say; ``questions`` is where the
    form for the open doubts is written. ``strict`` refuses warnings as it does errors, ``dry`` changes nothing. Raises
    `LetterError` for a list or a form that cannot be read.
    """
    if answers:
        findings: list[Finding] = []
        decided = given_answers(answers.read_bytes(), answers.name, findings, by=by, today=asked.today)
        if findings:
            raise LetterError(findings)
        asked = replace(asked, decided=(*asked.decided, *decided))
    with open_list(folder, dry=dry) as state:
        plan = plan_import(state, [_table(path) for path in paths], asked, watch)
        refused = bool(errors(plan.open)) or (strict and any(one.severity is Severity.WARNING for one in plan.open))
        done = not refused and not dry
        if done:
            write_list(folder, plan.files, state)
    if questions:
        write_files(questions.parent, {questions.name: questions_file(plan.open)})
    return ImportReport(plan=plan, refused=refused, done=done)


def _table(path: Path) -> ImportedTable:
    size = path.stat().st_size
    if size > _LARGEST:
        message = f"{path.name} has {size >> 20} MiB, and at most {_LARGEST >> 20} are read"
        place = Location(file=path.name)
        raise letter_error("table-too-large", message, "split it", place=place)
    return ImportedTable(name=path.name, data=path.read_bytes())
