"""What one person proposes and another decides by a click, with the change made in the transaction that decides."""
