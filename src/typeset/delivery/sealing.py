"""The seal on many copies: the key is opened once, and what is shown in the field is set once a language."""

from __future__ import annotations

from dataclasses import dataclass, field

from typeset.delivery.bench import Made
from typeset.delivery.edition import Issue
from typeset.pipeline import Artifact
from typeset.publishing.sealing import Desk, seal_place
from typeset.signing.identities import Identity
from typeset.signing.repeating import Repeating


@dataclass
class Seal:
    """An identity that seals the copies of an edition."""

    issue: Issue
    identity: Identity
    desk: Desk
    _repeating: dict[str, Repeating] = field(default_factory=dict)

    def __call__(self, made: Made) -> bytes:
        """The copy with the seal. Raises `Refused` where it cannot be sealed."""
        if made.lang not in self._repeating:
            artifact = Artifact(name=made.id, data=made.data, lang=made.lang, faces=(), pages=made.pages)
            place = seal_place(artifact, self.issue.signoff, self.identity, self.desk)
            self._repeating[made.lang] = Repeating(self.identity, place, self.desk.services)
        return self._repeating[made.lang].sealed(made.data, made.kind)
