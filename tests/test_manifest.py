"""The manifest: canonical, complete, and void at the first change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from typeset.manifest import (
    FaceFile,
    Manifest,
    NotAManifest,
    ProofFile,
    VersionDigests,
    changes,
    digest_of,
    read_manifest,
)
from typeset.model import Edition, Holder, Policy

MANIFEST = Manifest(
    letter="small",
    date="2026-03-04",
    edition=Edition(),
    policy=Policy(
        threshold=1,
        required=("chair",),
        titles={"chair": {"en": "Chair"}},
        holders=(Holder(name="陳大文", lang="zh-Hant", roles=("chair",), key="1" * 64),),
    ),
    counts={"named": 2, "anonymous": 1, "total": 3},
    signatories=(
        (1, digest_of({"number": 1, "name": "Amis du Delta"})),
        (2, digest_of({"number": 2, "name": "Watch"})),
    ),
    wordings=(
        VersionDigests(
            lang="en",
            title="A small letter",
            texts={"title": digest_of("A small letter"), "paragraph 1": digest_of("We ask, politely.")},
            files={"signatories.json": digest_of(b"{}")},
        ),
    ),
    proofs=(ProofFile(name="small.en.pdf", lang="en", size=3, pages=2, sha256=digest_of(b"pdf")),),
    sources={"letter.en.md": digest_of(b"# A small letter")},
    faces=(FaceFile(file="Serif.ttf", name="Serif-Regular", sha256=digest_of(b"face")),),
    decisions=(digest_of({"code": "undated"}),),
    findings={"warning": 1},
    generator="typeset 0",
    tools={"weasyprint": "70.0"},
)


def changed_text(text: str) -> Manifest:
    wording = MANIFEST.wordings[0]
    return replace(MANIFEST, wordings=(replace(wording, texts={**wording.texts, "paragraph 1": digest_of(text)}),))


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    assert read_manifest(MANIFEST.data) == MANIFEST


def test_the_digest_is_that_of_the_bytes() -> None:
    assert MANIFEST.digest == hashlib.sha256(MANIFEST.data).hexdigest()


def test_the_digest_does_not_depend_on_the_order_in_which_sources_were_read() -> None:
    forwards = replace(MANIFEST, sources={"a": "1", "b": "2"})
    backwards = replace(MANIFEST, sources={"b": "2", "a": "1"})

    assert forwards.digest == backwards.digest


def test_a_changed_comma_is_another_manifest() -> None:
    assert changed_text("We ask politely.").digest != MANIFEST.digest


@given(st.text(), st.text())
def test_different_texts_have_different_digests(one: str, other: str) -> None:
    one, other = (text.encode("utf-8", "replace").decode() for text in (one, other))

    assert (digest_of(one) == digest_of(other)) == (one == other)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"{}", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (MANIFEST.data + b"\n", "canonical"),
        (MANIFEST.data.replace(b'"schema":2', b'"schema":3'), "schema"),
        (MANIFEST.data.replace(b'"schema":2', b'"schema":2,"x":1'), "canonical"),
        (MANIFEST.data.replace(b'"schema":2', b'"schema":1'), "canonical"),
        (MANIFEST.data.replace(b'"threshold":1', b'"threshold":true'), "cannot be read"),
        (MANIFEST.data.replace(b'"threshold":1', b'"threshold":1.5'), "cannot be read"),
        (MANIFEST.data.replace(b'"number":1,', b'"number":1,"number":1,'), "canonical"),
        (json.dumps(json.loads(MANIFEST.data), indent=1).encode(), "canonical"),
    ],
)
def test_what_no_manifest_writes_is_no_manifest(data: bytes, why: str) -> None:
    with pytest.raises(NotAManifest, match=why):
        read_manifest(data)


def test_what_changed_is_said_by_name() -> None:
    later = replace(
        changed_text("We demand."),
        signatories=(MANIFEST.signatories[0], (3, digest_of("new"))),
        sources={"letter.en.md": digest_of(b"# Other")},
        tools={"weasyprint": "71.0"},
    )

    assert changes(MANIFEST, later) == (
        "en paragraph 1 changed",
        "signatory 2 was removed",
        "signatory 3 was added",
        "letter.en.md changed",
        "weasyprint changed",
    )


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (replace(MANIFEST, counts={"named": 3}), "the counts changed"),
        (replace(MANIFEST, decisions=()), "the decisions changed"),
        (replace(MANIFEST, policy=None), "the sign-off policy changed"),
        (replace(MANIFEST, edition=Edition(number=2, predecessor="1" * 64)), "it is edition 2 now"),
        (replace(MANIFEST, faces=()), "the faces changed"),
        (replace(MANIFEST, findings={}), "the findings changed"),
        (replace(MANIFEST, wordings=()), "the version in en was removed"),
        (replace(MANIFEST, proofs=()), "the proof has other bytes"),
    ],
)
def test_every_kind_of_change_is_said(later: Manifest, said: str) -> None:
    assert later.digest != MANIFEST.digest
    assert any(said in change for change in changes(MANIFEST, later))


def test_nothing_changed_between_equal_manifests() -> None:
    assert changes(MANIFEST, read_manifest(MANIFEST.data)) == ()
