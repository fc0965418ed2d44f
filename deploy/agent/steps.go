package main

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	drainTime  = 5 * time.Millisecond
	drainMost  = 32 // of 64 KiB each: what a pipe may hold (fs.pipe-max-size is 1 MiB)
	notStarted = 127
	killedCode = 137
)

// Step is what the engine asks for; the same one again continues from other offsets.
type Step struct {
	Step    int               `json:"step"` // from 1
	Command []string          `json:"command"`
	Env     map[string]string `json:"env"`
	Cwd     string            `json:"cwd"`
	Script  string            `json:"script"` // the path of a file that is written first; empty: none
	Text    string            `json:"text"`   // what is in it
	From    [2]int64          `json:"from"`   // how much of both outputs the engine has
	Most    int64             `json:"most"`   // bytes of output, beyond which nothing is read
}

// Ended is how a step ended, or a transfer.
type Ended struct {
	Step   int      `json:"step"`
	Code   int      `json:"code"`
	Sizes  [2]int64 `json:"sizes"`
	Memory bool     `json:"memory"` // the kernel has ended a process of it for its memory
	Why    string   `json:"why,omitempty"`
	Digest string   `json:"digest,omitempty"` // of files that were sent
}

// spool keeps all that a step wrote until the pod ends: whoever comes later reads it from the start. Its files have no
// names, so that no step changes what an earlier one wrote.
type spool struct {
	mutex sync.Mutex
	more  *sync.Cond
	files [2]*os.File
	sizes [2]int64
	most  int64
	done  *Ended

	pipes  [2]*os.File
	copies sync.WaitGroup
	exited bool // its first process
}

func newSpool(folder string, most int64) (*spool, error) {
	made := &spool{most: most}
	made.more = sync.NewCond(&made.mutex)
	for index := range made.files {
		file, err := os.CreateTemp(folder, ".output-")
		if err != nil {
			return nil, err
		}
		os.Remove(file.Name())
		made.files[index] = file
	}
	return made, nil
}

func (s *spool) add(index int, data []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.sizes[0]+s.sizes[1] > s.most && !s.exited {
		s.more.Wait() // the engine ends the step; until then it has to wait
	}
	count, _ := s.files[index].WriteAt(data, s.sizes[index])
	s.sizes[index] += int64(count)
	s.more.Broadcast()
}

func (s *spool) end(how Ended) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	how.Sizes = s.sizes
	s.done = &how
	s.more.Broadcast()
}

// tell sends what comes after the offsets, and the end. `stop` is asked at each step of it.
func (s *spool) tell(to *line, from [2]int64, stop func() bool) error {
	buffer := make([]byte, piece)
	for {
		s.mutex.Lock()
		for from == s.sizes && s.done == nil && !stop() {
			s.more.Wait()
		}
		sizes, done := s.sizes, s.done
		s.mutex.Unlock()
		if stop() {
			return nil
		}
		for index := range from {
			if from[index] > sizes[index] {
				return errors.New("the engine knows more than was written")
			}
			if from[index] == sizes[index] {
				continue
			}
			want := min(int64(piece), sizes[index]-from[index])
			count, err := s.files[index].ReadAt(buffer[:want], from[index])
			if count == 0 {
				return err
			}
			if err := sendOutput(to, index, from[index], buffer[:count]); err != nil {
				return err
			}
			from[index] += int64(count)
		}
		if done != nil && from == sizes {
			return to.say(ended, done)
		}
	}
}

func sendOutput(to *line, index int, offset int64, data []byte) error {
	var head [9]byte
	head[0] = byte(index + 1)
	binary.BigEndian.PutUint64(head[1:], uint64(offset))
	return to.write(output, head[:], data)
}

// begin starts a step, and returns where its output goes; it returns before the step ends.
func (a *agent) begin(step Step) (*spool, error) {
	kept, err := newSpool(a.folder, step.Most)
	if err != nil {
		return nil, err
	}
	before := outOfMemory()
	told, err := a.started(step, kept)
	if err != nil {
		kept.add(1, []byte("sluiceway: cannot start: "+err.Error()+"\n"))
		kept.end(Ended{Step: step.Step, Code: notStarted})
		return kept, nil
	}
	go func() {
		status := <-told
		kept.drain()
		code := status.ExitStatus()
		if status.Signaled() {
			code = 128 + int(status.Signal())
		}
		kept.end(Ended{Step: step.Step, Code: code, Memory: code == killedCode && outOfMemory() > before})
	}()
	return kept, nil
}

func (a *agent) started(step Step, kept *spool) (chan syscall.WaitStatus, error) {
	if err := writeScript(step); err != nil {
		return nil, err
	}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer nothing.Close()
	attr := &syscall.ProcAttr{Dir: step.Cwd, Env: environment(step.Env), Sys: &syscall.SysProcAttr{Setsid: true}}
	attr.Files = []uintptr{nothing.Fd()}
	for index := range kept.pipes {
		read, write, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer write.Close()
		kept.copies.Add(1)
		kept.pipes[index] = read
		go kept.copy(index)
		attr.Files = append(attr.Files, write.Fd())
	}
	if step.Command[0], err = lookUp(step.Command[0], attr.Env); err != nil {
		return nil, err
	}
	return a.children.start(step.Command, attr)
}

// copy reads one output until its end, or until the step has ended: a process that it left behind may hold it open.
func (s *spool) copy(index int) {
	defer s.copies.Done()
	pipe, buffer := s.pipes[index], make([]byte, 64<<10)
	defer pipe.Close()
	for rounds := 0; rounds < drainMost; {
		if s.hasExited() {
			rounds++
			pipe.SetReadDeadline(time.Now().Add(drainTime))
		}
		count, err := pipe.Read(buffer)
		if count > 0 {
			s.add(index, buffer[:count])
		}
		if err != nil {
			return
		}
	}
}

func (s *spool) hasExited() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.exited
}

// drain takes what the step has left in its pipes.
func (s *spool) drain() {
	s.mutex.Lock()
	s.exited = true
	s.more.Broadcast()
	s.mutex.Unlock()
	for _, pipe := range s.pipes {
		pipe.SetReadDeadline(time.Now().Add(drainTime))
	}
	s.copies.Wait()
}

func writeScript(step Step) error {
	if step.Script == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(step.Script), 0o755); err != nil {
		return err
	}
	os.Remove(step.Script)
	file, err := os.OpenFile(step.Script, os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.WriteString(file, step.Text)
	return err
}

func environment(given map[string]string) []string {
	found := os.Environ()
	for name, value := range given {
		if name != "" && !strings.ContainsAny(name, "=\x00") && !strings.Contains(value, "\x00") {
			found = append(found, name+"="+value)
		}
	}
	return lastOf(found)
}

// lastOf each name: a variable of the job replaces that of its image.
func lastOf(all []string) []string {
	at := map[string]int{}
	var found []string
	for _, one := range all {
		name, _, _ := strings.Cut(one, "=")
		if index, known := at[name]; known {
			found[index] = one
			continue
		}
		at[name] = len(found)
		found = append(found, one)
	}
	return found
}

func lookUp(program string, env []string) (string, error) {
	if strings.Contains(program, "/") {
		return program, nil
	}
	for _, one := range env {
		if folders, found := strings.CutPrefix(one, "PATH="); found {
			for _, folder := range filepath.SplitList(folders) {
				path := filepath.Join(folder, program)
				if _, err := exec.LookPath(path); err == nil && filepath.IsAbs(path) {
					return path, nil
				}
			}
		}
	}
	return "", errors.New(program + " is not in the image")
}
