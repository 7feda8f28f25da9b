"""A finished PDF is read back before it may be used: it must have every name, every paragraph, and nothing else.

The file is read only with pypdf; what the renderer meant to write does not count. The text is read in two ways: from
the structure tree, element by element, as a screen reader does; and with pypdf's ordinary extraction, page by page.

What cannot be found by reading the file:

- how a line in both directions was typed: a page has its glyphs from left to right (see `glyph_text`);
- whether there was a space at the end of a line: a page has none there (see `match`);
- whether a glyph looks like its character: a file names the character of a glyph, but the shape may be another, for
  example in a subset without its joining forms (see `typeset.fonts.shape_comparison`);
- characters without their own glyph (joiners, bidirectional controls, variation selectors), and two that share one:
  they are read if the file has them as actual text, which the plain extraction ignores; otherwise they are reported
  as changed;
- whether one space was typed as two: a page has one, so a name with two is reported as changed;
- pictures, colours and places: white or hidden text is read like any other text, and drawings are not read;
- whether the file conforms: only its claims are read, and a validator has to prove them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
