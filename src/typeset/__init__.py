"""Joint letters, typeset: raw text and a signatory list in; checked, archival, accessible PDF and HTML out."""

__version__ = "0.1.0"
