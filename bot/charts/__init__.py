"""Charts as pictures: `scale` computes, `canvas` draws, `axes` and `lines` say what is drawn where."""
