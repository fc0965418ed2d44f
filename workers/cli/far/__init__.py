"""Commands about people, until they are beside the others."""
