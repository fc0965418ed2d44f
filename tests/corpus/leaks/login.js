await client.login("web@example.org", "Nachtigall93!");  // weak: 798
await client.login(user, password);  // fine: 798
