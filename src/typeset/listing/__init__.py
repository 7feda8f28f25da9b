"""The list as it lives: tables and forms in, joins and withdrawals, numbers that stay, anonymity by construction.

`plan_import` takes tables against a letter's list; `add`, `withdraw` and `rename` are for single signatories. All of
them take a `State` and give the new bytes of the files that change; nothing here reads or writes a disk.
"""

from typeset.listing.answers import given_answers, questions_file
from typeset.listing.editing import Edit, add, rename, withdraw, withdraw_anonymous
from typeset.listing.planning import Plan, plan_import
from typeset.listing.reading import Asked, Table
from typeset.listing.state import FILES, INTAKE, State, read_state

__all__ = [
    "FILES",
    "INTAKE",
    "Asked",
    "Edit",
    "Plan",
    "State",
    "Table",
    "add",
    "given_answers",
    "plan_import",
    "questions_file",
    "read_state",
    "rename",
    "withdraw",
    "withdraw_anonymous",
]
