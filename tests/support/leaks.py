"""Looking for words that must stand nowhere: in the bytes of files as they are, and in all that is packed in them."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import quote

import pypdf


def found(words: str, data: bytes) -> bool:
    """Whether words stand in bytes, or in anything packed in them, in any way that they can be written down."""
    forms = tuple(written(words))
    return any(form in layer or form.lower() in layer.lower() for layer in layers(data) for form in forms)


def written(words: str) -> Iterator[bytes]:
    """Every way that we know to write words into a file, and their digests, which anybody can compare."""
    for text in dict.fromkeys((words, unicodedata.normalize("NFD", words), words.casefold())):
        for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
            data = text.encode(encoding)
            yield data
            yield data.hex().encode()
            yield base64.b64encode(data).rstrip(b"=")[:-1]
        yield json.dumps(text)[1:-1].encode()
        yield html.escape(text).encode()
        yield "".join(c if c.isascii() else f"&#{ord(c)};" for c in text).encode()
        yield quote(text).encode()
        yield hashlib.sha256(text.encode()).hexdigest().encode()
        yield hashlib.sha256(text.encode()).digest()


def layers(data: bytes) -> Iterator[bytes]:
    """The bytes, what is packed in them (ZIP, and every Flate stream, object streams too), and a PDF's text."""
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from layers(archive.read(name))
    if data.startswith(b"%PDF"):
        yield from _pdf(data)
    for embedded in re.finditer(rb"base64,([A-Za-z0-9+/=]{64,})", data):
        yield base64.b64decode(embedded[1] + b"==")


def _pdf(data: bytes) -> Iterator[bytes]:
    for start in re.finditer(rb"stream\r?\n", data):
        unpacked = b""
        try:
            unpacked = zlib.decompressobj().decompress(data[start.end() :])
        except zlib.error:
            continue
        yield unpacked
    reader = pypdf.PdfReader(io.BytesIO(data))
    yield "\n".join(page.extract_text() for page in reader.pages).encode()
    yield repr(reader.metadata).encode()
    for name, files in reader.attachments.items():
        yield name.encode()
        yield from files
