from .comparison import ProvenFile as ProvenFile
from .expectation import (
    Expected as Expected,
    ExpectedRun as ExpectedRun,
    ExpectedText as ExpectedText,
    expected as expected,
    face_names as face_names,
    postscript_name as postscript_name,
    printed_signatory as printed_signatory,
)
from .exports import EXPORTED as EXPORTED
from .extraction import (
    Piece as Piece,
    TaggedBlock as TaggedBlock,
)
from .glyph_text import runs_right_to_left as runs_right_to_left
from .match import (
    addressed as addressed,
    compared as compared,
    in_window as in_window,
    paired as paired,
    spelled_otherwise as spelled_otherwise,
)
from .pages import (
    examine as examine,
    preflight as preflight,
)
from .pdf import read_codes as read_codes
from .pdf_text import (
    Encrypted as Encrypted,
    PdfText as PdfText,
    read_pdf as read_pdf,
)
