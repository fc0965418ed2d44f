"""What somebody has accepted: suppressions, their signatures, and comments that silence tools."""
