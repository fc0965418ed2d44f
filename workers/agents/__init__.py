"""The job endpoint: the one thing of the engine that the pods of jobs reach."""
