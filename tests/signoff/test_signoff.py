"""Approvals: bound to one manifest, to one key, to a role that its holder has."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.signers import DIGEST, NOON, POLICY, person, statement
from typeset.signoff import LARGEST, WITHDRAW, ApprovalStatus, NotAnApproval, read_envelope, tally


def counted(**files: bytes) -> ApprovalStatus:
    return tally(files, POLICY, DIGEST)


def why(result: ApprovalStatus) -> dict[str, str]:
    return {void.file: void.why for void in result.void}


CHAIR, LEGAL, EDITOR = statement("陳大文", "chair"), statement("B. Counsel", "legal"), statement("C. Editor", "editor")


def test_enough_people_with_the_required_role_meet_the_policy() -> None:
    result = counted(a=LEGAL, b=CHAIR)

    assert result.met
    assert [(approval.role, approval.name, approval.when) for approval in result.approvals] == [
        ("chair", "陳大文", NOON),
        ("legal", "B. Counsel", NOON),
    ]


def test_the_order_in_which_people_approve_makes_no_difference() -> None:
    assert counted(a=CHAIR, b=LEGAL).approvals == counted(a=LEGAL, b=CHAIR).approvals


def test_enough_people_without_the_required_role_do_not() -> None:
    result = counted(a=LEGAL, b=EDITOR)

    assert result.missing == ("the approval of 陳大文 as chair",)


def test_one_person_is_not_two() -> None:
    result = counted(a=CHAIR, b=CHAIR, c=statement("陳大文", "chair", when=NOON + timedelta(days=1)))

    assert len(result.approvals) == 1
    assert result.missing == ("1 more person (of 2) to approve",)


def test_one_person_in_two_roles_is_not_two() -> None:
    both = replace(POLICY, holders=(replace(POLICY.holders[0], roles=("chair", "legal")), *POLICY.holders[1:]))
    result = tally({"a": CHAIR, "b": statement("陳大文", "legal")}, both, DIGEST)

    assert len(result.approvals) == 2
    assert result.missing == ("1 more person (of 2) to approve",)


def test_a_changed_letter_voids_its_approvals() -> None:
    result = tally({"a": CHAIR, "b": LEGAL}, POLICY, "e" * 64)

    assert not result.approvals
    assert {(void.who, void.earlier) for void in result.void} == {("陳大文", DIGEST), ("B. Counsel", DIGEST)}


def test_somebody_else_s_key_does_not_count() -> None:
    result = counted(a=CHAIR, b=statement("Mallory", "legal"))

    assert why(result) == {"b": "the key of Mallory (demonstration) is not in the policy"}
    assert not result.met


def test_a_role_that_one_does_not_hold_does_not_count() -> None:
    result = counted(a=CHAIR, b=statement("B. Counsel", "editor"))

    assert why(result) == {"b": "B. Counsel does not hold the role editor"}


def test_a_statement_signed_with_another_key_is_none() -> None:
    result = counted(a=CHAIR, b=statement("B. Counsel", "legal", by="Mallory"))

    assert why(result) == {"b": "its key is not the key of its certificate"}


def resealed(data: bytes, **changed: Any) -> bytes:
    return json.dumps(json.loads(data) | changed).encode()


def forged(data: bytes, before: str, after: str) -> bytes:
    payload = base64.b64decode(json.loads(data)["payload"]).decode()
    assert before in payload
    return resealed(data, payload=base64.b64encode(payload.replace(before, after).encode()).decode())


def swapped(data: bytes, key: str) -> bytes:
    return resealed(data, signatures=[json.loads(data)["signatures"][0] | {"keyid": key}])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (forged(LEGAL, '"role":"legal"', '"role":"chair"'), "signature is not valid for its key"),
        (forged(LEGAL, DIGEST, "e" * 64), "signature is not valid for its key"),
        (forged(LEGAL, "2026-03-04", "2026-03-05"), "signature is not valid for its key"),
        (forged(LEGAL, '"approve"', '"agree"'), "neither approve nor withdraw"),
        (forged(LEGAL, '"edition":1', '"edition":1,"x":1'), "entries"),
        (forged(LEGAL, "approval:1", "review:1"), "another kind"),
        (swapped(LEGAL, person("陳大文").certified.key), "not the key of its certificate"),
        (resealed(LEGAL, signatures=[]), "not the key of its certificate"),
        (resealed(LEGAL, signatures=json.loads(LEGAL)["signatures"] * 2), "cannot be read"),
        (resealed(LEGAL, payloadType="application/json"), "not an in-toto statement"),
        (resealed(LEGAL, payload="###"), "cannot be read"),
        (b"", "cannot be read"),
        (b"\xff\x00", "cannot be read"),
        (b"[" * 50_000, "cannot be read"),
        (b"{}", "cannot be read"),
        (b" " * (LARGEST + 1), "bytes"),
    ],
)
def test_a_forged_or_broken_statement_says_what_is_wrong_with_it(data: bytes, reason: str) -> None:
    with pytest.raises(NotAnApproval, match=reason):
        read_envelope(data)

    assert not counted(a=CHAIR, b=data).met


def test_no_flipped_bit_makes_another_statement() -> None:
    mistaken = []
    for position in range(0, len(LEGAL), 7):
        flipped = bytearray(LEGAL)
        flipped[position] ^= 1
        try:
            if read_envelope(bytes(flipped)) != read_envelope(LEGAL):
                mistaken.append(position)
        except NotAnApproval:
            continue

    assert mistaken == []


def payload_digest(data: bytes) -> str:
    return read_envelope(data).payload_digest


WITHDRAWAL = statement("B. Counsel", "legal", WITHDRAW, replaces=(payload_digest(LEGAL),))


def test_a_withdrawal_takes_an_approval_back() -> None:
    result = counted(a=CHAIR, b=LEGAL, c=WITHDRAWAL)

    assert not result.met
    assert why(result) == {"b": "it was withdrawn"}


def test_a_replayed_approval_does_not_undo_a_withdrawal() -> None:
    result = counted(a=CHAIR, b=WITHDRAWAL, c=LEGAL, d=LEGAL)

    assert not result.met


def test_one_can_approve_again_after_a_withdrawal_whatever_the_clock_says() -> None:
    earlier = NOON - timedelta(hours=5)
    again = statement("B. Counsel", "legal", when=earlier, replaces=(payload_digest(WITHDRAWAL),))
    result = counted(a=CHAIR, b=LEGAL, c=WITHDRAWAL, d=again)

    assert result.met
    assert result.approvals[1].when == earlier


def test_of_an_approval_and_a_withdrawal_at_once_the_withdrawal_counts() -> None:
    result = counted(a=CHAIR, b=LEGAL, c=statement("B. Counsel", "legal", WITHDRAW))

    assert not result.met


def test_nobody_takes_back_what_another_said() -> None:
    theirs = statement("C. Editor", "editor", WITHDRAW, replaces=(payload_digest(CHAIR),))

    assert counted(a=CHAIR, b=LEGAL, c=theirs).met


def test_a_certificate_has_to_be_valid_when_it_signs() -> None:
    late = statement("B. Counsel", "legal", when=NOON + timedelta(days=1000))
    result = counted(a=CHAIR, b=late)

    assert why(result) == {"b": "the certificate of B. Counsel was not valid on 2028-11-28"}


def test_a_demonstration_is_known_for_one() -> None:
    assert all(approval.demonstration for approval in counted(a=CHAIR, b=LEGAL).approvals)
