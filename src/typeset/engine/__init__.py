"""All that reaches into private parts of WeasyPrint: each patch has its reason, its guard and its test."""
