"""From what people type to values: words, days, times, amounts."""
