from .exports import (
    WRITERS as WRITERS,
    Export as Export,
    attachments as attachments,
    formula_safe as formula_safe,
)
from .flow import paragraphs as paragraphs
from .html import (
    face_style as face_style,
    family as family,
    render_html as render_html,
)
from .pdf import (
    Attached as Attached,
    Rendered as Rendered,
    Stamp as Stamp,
    render_pdf as render_pdf,
    render_stamp as render_stamp,
)
from .plain_text import (
    Length as Length,
    length as length,
)
