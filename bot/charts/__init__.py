"""Charts as pictures: `scale` reckons, `pen` draws, `paper` and `lines` say what is drawn where."""
