"""What people are asked to approve: the proof, and the manifest of everything in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from typeset.check.begun import BEGUN
from typeset.check.changes import UNFIT
from typeset.compose import read_words
from typeset.decisions import Decision, read_decisions
from typeset.diagnostics import Finding, Refused, Severity, refuse_if_any
from typeset.drafts import GENERATOR, composed, planned
from typeset.engine.versions import tools
from typeset.fonts.faces import Face
from typeset.manifest import FaceFile, Manifest, Proof, Wording, digest_of
from typeset.model import Letter, Version
from typeset.pipeline import EDITION, Artifact, BuildContext, CheckedLetter, build
from typeset.policy import Approval, Policy, SignOff
from typeset.preflight import expected
from typeset.preflight.expected import postscript_name
from typeset.render.attachments import attachments
from typeset.verify.wording import LIST, Words, words_of
from typeset.verify.wording import NAME as WORDS

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What people are asked to approve: the manifest, and the proof that they look at."""

    checked: CheckedLetter
    manifest: Manifest
    proofs: tuple[Artifact, ...]
    words: Mapping[str, Words]

    @property
    def policy(self) -> Policy:
        """What the letter asks before it is final. Raises `Refused` where it asks nothing."""
        if self.manifest.policy is None:
            raise Refused([no_policy()])
        return self.manifest.policy


def no_policy() -> Finding:
    """What is said of a letter that nobody can sign off."""
    return Finding(
        code="no-policy",
        severity=Severity.ERROR,
        fact="letter.toml does not say who has to approve",
        hint="add a [signoff] table: docs/sign-off.md shows one",
        subject="sign-off",
    )


def propose(checked: CheckedLetter, context: BuildContext) -> Proposal:
    """The proof of a letter in all its versions and outputs, and the manifest of everything in it.

    Raises `Refused` when an undecided error stands, as a build does.
    """
    refuse_if_any(_untold(checked))
    # Two people have to come to the same digest, whatever hour their machines are told to print.
    context = replace(context, made=None)
    languages = [version.lang for version in checked.letter.versions]
    return proposal_of(checked, context, build(checked, context, formats=EDITION, languages=languages))


def proposal_of(checked: CheckedLetter, context: BuildContext, proofs: tuple[Artifact, ...]) -> Proposal:
    """The manifest of a proof that is built: version by version, each in the formats of `EDITION`, with no hour set.

    Raises `Refused` where it says something else than what changed.
    """
    refuse_if_any(_untold(checked))
    letter = checked.letter
    with context.watch("manifest"):
        words = words_by_language(checked)
        decisions, _ = read_decisions(checked.sources.get("decisions.toml", b""))
        rows = json.loads(attachments(letter, letter.versions[0])[0].data)["signatories"]
        manifest = Manifest(
            letter=letter.id,
            date=letter.date.isoformat() if letter.date else None,
            edition=letter.edition,
            policy=letter.policy,
            counts={name: letter.counts.shown(name) for name in ("total", "named", "anonymous")},
            signatories=tuple((row["number"], digest_of(row)) for row in rows),
            wordings=tuple(_wording(letter, version, words[version.lang]) for version in letter.versions),
            proofs=tuple(
                Proof(
                    name=proof.name,
                    lang=proof.lang,
                    size=len(proof.data),
                    pages=proof.pages,
                    sha256=digest_of(proof.data),
                )
                for proof in proofs
            ),
            sources={path: digest_of(data) for path, data in checked.sources.items()},
            faces=tuple(_face_files({*_faces(proofs), *_faces_of_sign_off(checked, context)})),
            decisions=tuple(digest_of(_plain(decision)) for decision in decisions),
            findings=_counted(checked),
            generator=GENERATOR,
            tools=tools(context.cache_folder),
        )
    return Proposal(checked=checked, manifest=manifest, proofs=proofs, words=words)


def _untold(checked: CheckedLetter) -> Iterator[Finding]:
    """What a draft goes without and an edition does not go out without: what changed, all words, somebody who signs."""
    for finding in (*checked.open, *checked.answered):
        if finding.code in UNFIT or (finding.code in BEGUN and finding in checked.open):
            yield replace(finding, severity=Severity.ERROR)


def words_by_language(checked: CheckedLetter) -> dict[str, Words]:
    """The words of every version, by its language."""
    return {version.lang: _words(checked, version) for version in checked.letter.versions}


def _words(checked: CheckedLetter, version: Version) -> Words:
    """The words of a version, worked out from the letter and not from what composed it. A letterhead is the look's."""
    phrases, letter = read_words(checked.sources, version.lang), checked.letter
    head = checked.drafts[version.lang][0].letterhead
    meant = expected(letter, version, phrases, pages=1, faces=(), attachments={}, draft=False, furniture=head)
    return words_of(letter.id, meant, phrases)


def _wording(letter: Letter, version: Version, words: Words) -> Wording:
    files = {item.name: digest_of(item.data) for item in attachments(letter, version)}
    return Wording(
        lang=version.lang,
        title=version.printed_title,
        texts={text["subject"]: digest_of(dict(text)) for text in words.texts if text["subject"] != LIST},
        files=files | {WORDS: digest_of(words.data)},
    )


def _faces(artifacts: Sequence[Artifact]) -> Iterator[Face]:
    for artifact in artifacts:
        yield from (subset.cut.face for subset in artifact.faces)


def _faces_of_sign_off(checked: CheckedLetter, context: BuildContext) -> Iterator[Face]:
    """The faces that the final file needs when everybody approves: holders' names may be in any script."""
    policy = checked.letter.policy
    if policy is None:
        return
    everybody = SignOff(
        edition=checked.letter.edition,
        digest="0123456789abcdef" * 4,
        policy=policy,
        approvals=tuple(
            Approval(role=role, name=holder.name, lang=holder.lang, key=holder.key, when=_SOME_DAY, demonstration=True)
            for holder in policy.holders
            for role in holder.roles
        ),
    )
    for version in checked.letter.versions:
        markup = composed(checked.letter, version, checked.sources, medium="print", signoff=everybody)
        _, plan = planned(markup, context.catalogue)
        if plan.findings:
            raise Refused(plan.findings)
        yield from plan.faces


def _face_files(faces: Iterable[Face]) -> Iterator[FaceFile]:
    found = {(face.file, postscript_name(face), face.digest) for face in faces}
    for file, name, digest in sorted(found):
        yield FaceFile(file=file, name=name, sha256=digest)


def _plain(decision: Decision) -> dict[str, Any]:
    entry = asdict(decision)
    del entry["place"]
    return entry | {"when": decision.when.isoformat()}


def _counted(checked: CheckedLetter) -> dict[str, int]:
    counts = {str(severity): sum(f.severity is severity for f in checked.open) for severity in Severity}
    return {name: count for name, count in (*counts.items(), ("decided", len(checked.answered))) if count}
