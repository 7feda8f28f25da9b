"""Every place that reaches into WeasyPrint's private parts: one file a reach, its reason, its guard, its test."""
