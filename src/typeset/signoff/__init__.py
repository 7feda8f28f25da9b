"""Sign-off: signed statements over the digest of a manifest, held against the policy of the letter.

Pure: statements are bytes, keys are behind a signer that is passed in, and the hour is told by who calls.
"""

from __future__ import annotations

from typeset.signoff.statement import APPROVE, WITHDRAW, NotAnApproval, Signed, Statement, read_envelope, sign
from typeset.signoff.tally import Tally, Void, tally

__all__ = [
    "APPROVE",
    "WITHDRAW",
    "NotAnApproval",
    "Signed",
    "Statement",
    "Tally",
    "Void",
    "read_envelope",
    "sign",
    "tally",
]
