from .configuration import (
    Configuration as Configuration,
    Level as Level,
    Whereabouts as Whereabouts,
    certificates_in as certificates_in,
    named_roots as named_roots,
    read_configuration as read_configuration,
    trusted_roots as trusted_roots,
)
from .identities import (
    Identity as Identity,
    Keyring as Keyring,
    cannot_ask as cannot_ask,
    new_passphrase as new_passphrase,
    write_identity as write_identity,
)
from .pades import (
    RepeatedSeal as RepeatedSeal,
    SealField as SealField,
    Services as Services,
    sign_pdf as sign_pdf,
)
from .pins import (
    cannot_compare as cannot_compare,
    hand_over as hand_over,
    proposed_pin as proposed_pin,
    refuse_other_fingerprint as refuse_other_fingerprint,
    rotated_pin as rotated_pin,
)
from .statements import (
    add_statement as add_statement,
    earlier_manifest as earlier_manifest,
    publishing_lock as publishing_lock,
    read_statements as read_statements,
    write_secret as write_secret,
)
