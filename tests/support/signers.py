"""People who sign, for tests: each with a key of their own, made once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from typeset.model import Holder, Policy
from typeset.signing import Identity
from typeset.signing.identities import from_archive, new_identity
from typeset.signoff import APPROVE, Statement, sign

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DIGEST = "d" * 64


@cache
def person(name: str, since: datetime = NOON - timedelta(days=1)) -> Identity:
    """Somebody with a self-signed identity."""
    return from_archive(new_identity(name, "open sesame", since).archive, "open sesame", name)


def holder(name: str, *roles: str, lang: str = "") -> Holder:
    """That person as a policy names them."""
    return Holder(name=name, roles=roles, key=person(name).certified.key, lang=lang)


POLICY = Policy(
    threshold=2,
    required=("chair",),
    holders=(holder("陳大文", "chair", lang="zh-Hant"), holder("B. Counsel", "legal"), holder("C. Editor", "editor")),
)


def statement(name: str, role: str, decision: str = APPROVE, *, by: str = "", **changed: object) -> bytes:
    """An envelope: ``name`` says something in a role; ``by`` is whose key signs it, if not their own."""
    values: dict[str, object] = {
        "decision": decision,
        "role": role,
        "letter": "small",
        "edition": 1,
        "digest": DIGEST,
        "name": name,
        "certificate": person(name).certificate,
        "when": NOON,
    }
    return sign(Statement(**(values | changed)), person(by or name).statement_signer())  # type: ignore[arg-type]
