"""Claims about the letter, the tools that check them, and the drivers of programs that are not ours."""
