package main

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

const (
	prSetDumpable       = 4 // prctl(2)
	prSetChildSubreaper = 36
)

// keepPrivate: no step, whose user this program has, traces it or reads its memory and files.
func keepPrivate() { syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0) }

// adoptOrphans makes every process of a step a descendant of this one, as they are where it is the container's first.
func adoptOrphans() { syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0) }

// children reaps all that ends, and tells who asked for it.
type children struct {
	mutex   sync.Mutex
	waiting map[int]chan syscall.WaitStatus
	signals chan os.Signal
}

// start runs a program in a session of its own.
func (c *children) start(command []string, attr *syscall.ProcAttr) (chan syscall.WaitStatus, error) {
	c.mutex.Lock() // whoever reaps must know it first
	defer c.mutex.Unlock()
	pid, err := syscall.ForkExec(command[0], command, attr)
	if err != nil {
		return nil, err
	}
	told := make(chan syscall.WaitStatus, 1)
	c.waiting[pid] = told
	return told, nil
}

func (c *children) reap() {
	for range c.signals {
		for c.reapOne() {
		}
	}
}

func (c *children) reapOne() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	if err != nil || pid <= 0 {
		return false
	}
	if told, known := c.waiting[pid]; known {
		told <- status
		delete(c.waiting, pid)
	}
	return true
}

// signalAll reaches every descendant, those that left their session too. It says how many there were.
func signalAll(number syscall.Signal) int {
	parents := map[int][]int{}
	names, _ := os.ReadDir("/proc")
	for _, one := range names {
		pid, err := strconv.Atoi(one.Name())
		if err != nil {
			continue
		}
		if parent := parentOf(pid); parent > 0 {
			parents[parent] = append(parents[parent], pid)
		}
	}
	found := 0
	look := []int{os.Getpid()}
	for len(look) > 0 {
		next := parents[look[0]]
		look = append(look[1:], next...)
		for _, pid := range next {
			syscall.Kill(pid, number)
			found++
		}
	}
	return found
}

// parentOf a live process; 0: it is gone, or has ended.
func parentOf(pid int) int {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	text := string(data)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 || fields[0] == "Z" {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// outOfMemory counts the processes of this container that the kernel has ended for their memory.
func outOfMemory() int {
	for _, path := range []string{"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for _, row := range strings.Split(string(data), "\n") {
			if count, found := strings.CutPrefix(row, "oom_kill "); found {
				number, _ := strconv.Atoi(count)
				return number
			}
		}
	}
	return 0
}
