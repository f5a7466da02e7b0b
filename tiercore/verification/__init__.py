"""A second opinion: every stored figure recounted from the entries alone, without the code that rates them."""
