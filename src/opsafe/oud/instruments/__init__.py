"""Three instruments beside the criteria: each scores only, the items' text is the host's."""
