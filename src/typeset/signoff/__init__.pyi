from .approvals import (
    ApprovalStatus as ApprovalStatus,
    Void as Void,
    tally as tally,
)
from .statement import (
    APPROVE as APPROVE,
    DEMONSTRATION as DEMONSTRATION,
    LARGEST as LARGEST,
    WITHDRAW as WITHDRAW,
    Certified as Certified,
    NotAnApproval as NotAnApproval,
    SignedStatement as SignedStatement,
    Statement as Statement,
    key_of as key_of,
    read_certificate as read_certificate,
    read_envelope as read_envelope,
    sign as sign,
)
