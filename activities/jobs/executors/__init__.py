"""Where jobs run. process is activities.jobs; simulated runs nothing and is steered by the job's own variables."""
