from .blocks import (
    FURNITURE as FURNITURE,
    is_link as is_link,
    name_markup as name_markup,
    printed_passages as printed_passages,
    printed_text as printed_text,
    runs_markup as runs_markup,
    text_runs as text_runs,
)
from .changes import with_changes_told as with_changes_told
from .document import (
    Markup as Markup,
    compose as compose,
    faulty_references as faulty_references,
    fill as fill,
    filler as filler,
    read_look as read_look,
    recipient_lines as recipient_lines,
)
from .signoff_block import (
    ARCHIVE as ARCHIVE,
    NEEDED as NEEDED,
    SEAL as SEAL,
    SignOffBlock as SignOffBlock,
    cosigners as cosigners,
    field_name as field_name,
    short as short,
    sign_off_block as sign_off_block,
)
from .words import read_words as read_words
