"""One version going to one environment: the actions it is made of, and the strategies that order them."""
