"""From a letter to a signed-off edition: a proposal, its approvals, the final files, the signatures on them."""
