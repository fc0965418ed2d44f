module sluiceway.dev/agent

go 1.24
