"""A finished PDF as a template: the content of its pages and some attached files may be replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import md5

from typeset.engine.pdf_file import PdfFile, stream_object


class PdfTemplate:
    """A file, and what it takes to write it with other pages or another attached file."""

    def __init__(self, file: PdfFile) -> None:
        self.pdf = file.pdf
        self.files = file.files
        self._file = file
        self._entries = {number: dict(file.pdf.objects[number].extra) for number in file.files.values()}

    @property
    def prefix(self) -> bytes:
        """What every file made of it begins with."""
        return self._file.prefix

    def page(self, place: int, operators: bytes) -> dict[int, bytes]:
        """What to replace so that a page draws something else; the first page is 0."""
        number = self._file.pages[place]
        return {number: stream_object(number, operators)}

    def file(self, name: str, data: bytes) -> dict[int, bytes]:
        """What to replace so that an attached file has other content (ISO 32000-1, 7.11.4)."""
        import pydyf

        number = self._file.files[name]
        entries = pydyf.Dictionary(self._entries[number])
        about = pydyf.Dictionary(entries["Params"])
        about["CheckSum"] = f"<{md5(data, usedforsecurity=False).hexdigest()}>"
        about["Size"] = len(data)
        entries["Params"] = about
        return {number: stream_object(number, data, entries.data[2:-2])}

    def renew(self, numbers: Collection[int]) -> None:
        """Write some objects again, as they are in the PDF by now. They are none of those that may be replaced."""
        for number in numbers:
            self._file.data[number] = self.pdf.objects[number].data
        self._file.pack()

    def filled(self, replaced: Mapping[int, bytes]) -> bytes:
        """The file with other objects in place of some: `page` and `file` make them."""
        return self._file.written(replaced)
