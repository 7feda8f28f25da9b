"""One recipient's copy of an edition, set as a whole: what every quicker way has to equal."""

from __future__ import annotations

from dataclasses import dataclass

from typeset.compose import FURNITURE, Markup
from typeset.delivery.edition import Stock
from typeset.diagnostics import refuse_if_any
from typeset.drafts import composed
from typeset.fonts.plan import plan_faces
from typeset.fonts.shaping import shaped_otherwise
from typeset.preflight import addressed, expected, preflight
from typeset.recipients import Addressee
from typeset.render.pdf import Attached, render_pdf
from typeset.verify.addressed import NAME, address_of
from typeset.verify.wording import with_sign_off

DESCRIPTION = "Whom this copy is for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The PDF of one recipient, and how many pages it has."""

    data: bytes
    pages: int


def markup_for(stock: Stock, addressee: Addressee) -> Markup:
    """The version, addressed."""
    issue = stock.issue
    return composed(
        issue.checked.letter,
        stock.version,
        issue.checked.sources,
        medium="print",
        signoff=issue.signoff,
        address=address_of(addressee.record()),
    )


def full_copy(stock: Stock, addressee: Addressee) -> Copy:
    """The copy of one recipient, read back. Raises `Refused` where it is not what was meant."""
    issue, letter = stock.issue, stock.issue.checked.letter
    markup = markup_for(stock, addressee)
    recipient = Attached(name=NAME, data=stock.record(addressee), description=DESCRIPTION)
    rendered = render_pdf(
        markup,
        stock.style,
        stock.files,
        attached=(*stock.attached, recipient),
        made=issue.made,
        cache_folder=issue.context.cache_folder,
        exchangeable=(NAME,),
    )
    own = plan_faces(markup.words, issue.context.catalogue, stock.lang)
    meant = expected(
        letter,
        stock.version,
        stock.words,
        pages=rendered.pages,
        faces=stock.plan.faces,
        attachments={item.name: item.data for item in (*stock.attached, recipient)},
        draft=False,
        furniture=markup.letterhead,
        set_by=own.set_by(leaving_out=FURNITURE),
    )
    meant = addressed(with_sign_off(meant, issue.signoff, stock.words), address_of(addressee.record()))
    shaped = shaped_otherwise(own, stock.faces, cache=issue.context.cache)
    refuse_if_any((*preflight(rendered.data, meant), *shaped))
    return Copy(data=rendered.data, pages=rendered.pages)
