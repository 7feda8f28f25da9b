"""``python -m typeset``: the program, as ``typesetter`` runs it."""

from typeset.cli import main

main(prog_name="typesetter")
