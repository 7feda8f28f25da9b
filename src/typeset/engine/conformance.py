"""PDF/A-3a and PDF/UA-1 in one file, through WeasyPrint's documented ``finisher`` hook.

WeasyPrint writes either claim; both need one more property in the metadata and, since PDF/A knows only its own
schemas, the declaration of that property (ISO 19005-3, 6.6.2.3). The rest tidies what PDF/A and PDF/UA readers
stumble over.
"""

from __future__ import annotations

from typing import Any

from typeset.engine.guard import hold

RELIED_ON = {"metadata.DocumentMetadata": "caea48480357554f", "pdfa.pdfa": "ea4cd3554d52a964"}
"""What writes the metadata and the claim of PDF/A, in ``weasyprint.pdf``, and the start of the SHA-256 of each."""

_UA = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
)
_SCHEMA = (
    b'<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    b'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    b"<pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>the part of ISO 14289 that the file conforms to</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)


def check() -> None:
    """Raises `ChangedEngine` when something relied on is not the known one."""
    from weasyprint.pdf import metadata, pdfa

    found = {"metadata.DocumentMetadata": metadata.DocumentMetadata, "pdfa.pdfa": pdfa.pdfa}
    hold(found, RELIED_ON, "weasyprint.pdf")


def claim_both(pdf: Any) -> None:
    """Add PDF/UA-1 identification to the metadata of a ``pydyf.PDF`` that claims PDF/A (ISO 14289-1, clause 5)."""
    import pydyf

    metadata = next(item for item in pdf.objects if isinstance(item, pydyf.Stream) and _type(item) == "/Metadata")
    packet = b"".join(part if isinstance(part, bytes) else part.encode() for part in metadata.stream)
    metadata.stream = [packet.replace(b"</rdf:RDF>", _UA + _SCHEMA + b"</rdf:RDF>", 1)]
    # Archives grep for the claim.
    metadata.compress = False


def list_attachments_once(pdf: Any) -> None:
    """WeasyPrint names each attachment twice among the associated files (ISO 19005-3, 6.8)."""
    import pydyf

    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def label_pages(pdf: Any) -> None:
    """Page labels, so that the reader's page box and the printed number agree (ISO 32000-1, 12.4.2)."""
    import pydyf

    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array([0, pydyf.Dictionary({"S": "/D"})])})


def _type(stream: Any) -> str:
    return str(stream.extra.get("Type", ""))
