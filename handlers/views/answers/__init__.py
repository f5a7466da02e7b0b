"""One file per answer: a result of the core as blocks and text, and as JSON."""
