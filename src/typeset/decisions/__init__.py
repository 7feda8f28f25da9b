"""Recorded answers to findings: read, held against what is found today, applied to what is printed, written down.

A decision answers the finding with its code, subject and evidence. When the text it was taken on has changed it is
stale: it answers nothing, changes nothing, and is itself a finding.
"""

from typeset.decisions.answering import Answered, answer, apply
from typeset.decisions.reading import read_decisions
from typeset.decisions.record import Decision
from typeset.decisions.writing import append, entry

__all__ = ["Answered", "Decision", "answer", "append", "apply", "entry", "read_decisions"]
