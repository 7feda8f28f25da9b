from .edition import (
    final_files as final_files,
    kept_of as kept_of,
    proofs as proofs,
    record_name as record_name,
    restored as restored,
    sign_off as sign_off,
    sources_of as sources_of,
)
from .proposal import (
    Proposal as Proposal,
    SignOffStatus as SignOffStatus,
    approve as approve,
    cannot_confirm as cannot_confirm,
    proposal_of as proposal_of,
    propose as propose,
    sign_off_status as sign_off_status,
    write_proof as write_proof,
)
from .release import (
    Release as Release,
    SincePredecessor as SincePredecessor,
    record_changes as record_changes,
    refuse_other_record as refuse_other_record,
    release_edition as release_edition,
    since_predecessor as since_predecessor,
)
from .seals import (
    SealContext as SealContext,
    seal_place as seal_place,
)
