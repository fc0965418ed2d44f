"""What our scanners' rules mean: a table of weaknesses, the severity that follows from it, and the page of each."""
