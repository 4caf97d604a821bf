"""Applications that fork, as their servers run them: one publisher made, and used, before."""
