"""What a release over many clusters asks of them, and how they are judged together."""
