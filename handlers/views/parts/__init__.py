"""What several views are made of: blocks, formats, panels, charts, paging."""
