"""A finished PDF read back before it may leave: every name, every paragraph, and nothing besides.

The file is read with pypdf alone; what the renderer believes it wrote does not count. Two ways lead to the text: the
structure tree, element by element, as a screen reader goes; and pypdf's ordinary extraction, page by page.

What no reading of the file can tell, and others have to:

- how a line was typed that runs in both directions: a page has glyphs from left to right (see `glyph_text`);
- whether a line's end was a space: a page has none there (see `match`);
- whether a glyph looks like its character: a file says which character a glyph stands for, and the shape may be
  another, as with a subset that has lost its joining forms (see `typeset.fonts.shape_comparison`);
- characters without a glyph of their own (joiners, bidirectional controls, variation selectors), and two that share
  one: they come back where the file spells them out as actual text, which the plain extraction does not know of, and
  are reported as changed where it does not;
- whether two spaces were meant for one: a page has one, and a name that was given with two is reported as changed;
- pictures, colours and places: white or hidden text is read like any other, and a drawing is not read at all;
- whether the file conforms: it is asked for its claims, and a validator has to prove them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
