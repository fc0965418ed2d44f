"""Reports that a test job's commands wrote: JUnit XML and five formats of coverage, one file each."""
