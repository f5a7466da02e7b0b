"""Reading .xlsx files that anybody may have made: streamed, within limits of memory and size (decision 0010)."""
