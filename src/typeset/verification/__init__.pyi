from .claims import (
    APPROVALS as APPROVALS,
    LIST as LIST,
    NAME as NAME,
    RECIPIENT_FILE as RECIPIENT_FILE,
    PrintedWords as PrintedWords,
    about_copies as about_copies,
    address_of as address_of,
    of_copy as of_copy,
    read_words as read_words,
    recipient_json as recipient_json,
    signatory as signatory,
    with_sign_off as with_sign_off,
    words_of as words_of,
)
from .cms import (
    OtherRevision as OtherRevision,
    Revision as Revision,
    read_revision as read_revision,
)
from .known_signatures import KnownSeal as KnownSeal
from .looks import Looks as Looks, looks_of as looks_of
from .signatures import (
    UnreadableSignatures as UnreadableSignatures,
    open_pdf as open_pdf,
    quiet as quiet,
    read_signatures as read_signatures,
    uncovered as uncovered,
)
from .verdict import (
    ProofItem as ProofItem,
    ProofStatus as ProofStatus,
    Verdict as Verdict,
    VerdictKind as VerdictKind,
    compared as compared,
)
from .verifier import (
    verify as verify,
    verify_isolated as verify_isolated,
)
