"""The signer: a process of its own, which alone holds the keys and says what may be done."""
