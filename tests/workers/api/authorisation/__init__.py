"""Every route, asked by everybody: what each may do is a committed table."""
