"""What the files of a commit are, and whether something that fits has looked at each of them."""
