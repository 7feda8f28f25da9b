"""``python -m typeset``: the program, for shells that have a ``typeset`` of their own."""

from typeset.cli import main

main(prog_name="typeset")
