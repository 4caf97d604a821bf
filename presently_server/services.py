"""``presently gateway``, ``hub``, ``relay``, ``demo``: one service a process, from the environment."""
