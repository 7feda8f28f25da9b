"""Where the characters of a PDF really stand: read back from the file with PDFium, not from what was intended."""
