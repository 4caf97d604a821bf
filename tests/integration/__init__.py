"""One part of ours and one real neighbour: a broker, a database, a browser's socket."""
