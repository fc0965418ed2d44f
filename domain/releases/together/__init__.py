"""Several services released as one: who calls whom, and which of them may go on or must go back first."""
