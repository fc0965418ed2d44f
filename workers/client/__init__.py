"""One function a verb: what every door calls."""
