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
from .match import (
    addressed as addressed,
    compared as compared,
    in_window as in_window,
    spelled_otherwise as spelled_otherwise,
)
from .pages import (
    examine as examine,
    preflight as preflight,
)
from .pdf_text import (
    Encrypted as Encrypted,
    PdfText as PdfText,
    read_pdf as read_pdf,
)
