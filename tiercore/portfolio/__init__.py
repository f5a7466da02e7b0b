"""All partners that somebody may see, judged together: which need attention, which are close, in what order."""
