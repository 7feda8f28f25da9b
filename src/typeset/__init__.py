"""Joint letters, typeset: raw text and a signatory list in; checked, archival, accessible PDF and HTML out."""
