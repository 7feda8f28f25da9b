"""Our cold builds beside those of others, on the same letter and in the same run."""
