"""Recorded answers to findings: read, held against what is found today, applied to what is printed, written down.

A decision answers the finding with its code, subject and evidence. When the text it was taken on has changed it is
stale: it answers nothing, changes nothing, and is itself a finding.
"""

from typeset.decisions.answering import Answered, answer, apply
from typeset.decisions.batch import match, read_answers, template
from typeset.decisions.choices import answerable, is_stale, may_stand, proposed_words, takes_words
from typeset.decisions.explaining import Explanation, explained
from typeset.decisions.reading import read_decisions
from typeset.decisions.record import Decision
from typeset.decisions.walk import Answer, Walk, same_text
from typeset.decisions.writing import append, entry

__all__ = [
    "Answer",
    "Answered",
    "Decision",
    "Explanation",
    "Walk",
    "answer",
    "answerable",
    "append",
    "apply",
    "entry",
    "explained",
    "is_stale",
    "match",
    "may_stand",
    "proposed_words",
    "read_answers",
    "read_decisions",
    "same_text",
    "takes_words",
    "template",
]
