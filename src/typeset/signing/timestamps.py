"""Timestamps from a service that is asked, and not believed: what it answers is held against what was asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

SKEW = timedelta(minutes=10)
"""How far a service's clock may be from this one before somebody should look at both."""


class Timestamper(Protocol):
    """What pyHanko asks for timestamps."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """A token over a digest."""


def timestamper(url: str, seconds: float) -> Timestamper:
    """A client of the timestamp service at ``url`` that refuses a token for another digest or another time."""
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    class Checked(HTTPTimeStamper):  # type: ignore[misc]
        """RFC 3161 over HTTP."""

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            try:
                token = await super().async_timestamp(message_digest, md_algorithm)
                info = token["content"]["encap_content_info"]["content"].parsed
                imprint = info["message_imprint"]
                same = (
                    imprint["hashed_message"].native == message_digest
                    and imprint["hash_algorithm"]["algorithm"].native == md_algorithm
                )
                when: datetime = info["gen_time"].native
            except (TimestampRequestError, OSError):
                raise
            except TimeoutError as fault:
                raise TimestampRequestError("it did not answer in time") from fault
            # Whatever else breaks while an answer is taken apart was broken by the answer.
            except Exception as fault:  # noqa: BLE001
                raise TimestampRequestError(f"its answer is no timestamp ({fault})") from None
            if not same:
                raise TimestampRequestError("its token is for something else than was asked")
            if abs(datetime.now(UTC) - when) > SKEW:
                raise TimestampRequestError(f"its clock says {when:%Y-%m-%d %H:%M} UTC, and this one does not")
            return token

    checked: Timestamper = Checked(url, timeout=seconds)
    return checked
