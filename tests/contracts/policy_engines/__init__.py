"""What every engine of policies keeps."""
