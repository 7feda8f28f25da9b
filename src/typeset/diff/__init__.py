"""What changed between two states of a letter: pure comparison, then the same told as text, as data, as a page."""

from typeset.diff.difference import Decided, Difference, State, compare
from typeset.diff.signatories import ListChange, list_change, unstable_numbers

__all__ = ["Decided", "Difference", "ListChange", "State", "compare", "list_change", "unstable_numbers"]
