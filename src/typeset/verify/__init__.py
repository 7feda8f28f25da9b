"""Proof for anyone who holds a finished file: who signed it, what they agreed to, and that it says just that.

Everything happens offline, with the file alone. Whose word counts for the signer's name is for the reader to say: the
roots are theirs.
"""

from __future__ import annotations

from typeset.verify.examine import verify
from typeset.verify.verdict import Outcome, Proof, Verdict, successor

__all__ = ["Outcome", "Proof", "Verdict", "successor", "verify"]
