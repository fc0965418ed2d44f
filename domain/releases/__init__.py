"""One version going to one environment: its actions, and the strategies that order them."""
