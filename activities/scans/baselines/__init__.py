"""What is known of a default branch: signed baselines, recorded scans, and what is old."""
