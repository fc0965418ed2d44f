"""Who may do what: principals, actions, resources, and the one decision about them."""
