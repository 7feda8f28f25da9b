"""Proof for anyone who holds a finished file: who signed it, what they agreed to, and that it says just that."""
