package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const protocol = 1

// agent is the pod's side of one job. What it knows outlives every connection.
type agent struct {
	folder   string
	children *children

	mutex    sync.Mutex
	settings Settings
	current  *line
	leaving  bool
	steps    map[int]*spool
	hasFiles bool
}

// Hello is what an agent says first.
type Hello struct {
	Protocol int  `json:"protocol"`
	Files    bool `json:"files"` // it has the job's files
	Steps    int  `json:"steps"` // so many have begun
}

func newAgent(folder string, settings Settings) *agent {
	kept := &children{waiting: map[int]chan syscall.WaitStatus{}, signals: make(chan os.Signal, 1)}
	signal.Notify(kept.signals, syscall.SIGCHLD)
	go kept.reap()
	return &agent{folder: folder, settings: settings, children: kept, steps: map[int]*spool{}}
}

func (a *agent) dialForever() {
	pause := firstPause
	for {
		a.mutex.Lock()
		settings, leaving := a.settings, a.leaving
		a.mutex.Unlock()
		if leaving {
			return
		}
		to, err := dial(settings)
		if err != nil {
			time.Sleep(pause)
			pause = min(2*pause, lastPause)
			continue
		}
		pause = firstPause
		a.attend(to)
	}
}

// attend serves one connection to its end.
func (a *agent) attend(to *line) {
	a.mutex.Lock()
	a.current = to
	if a.leaving {
		to.close()
	}
	first := Hello{protocol, a.hasFiles, len(a.steps)}
	a.mutex.Unlock()
	err := to.say(hello, first)
	for err == nil {
		var kind byte
		var body []byte
		if kind, body, err = to.read(); err == nil {
			err = a.answer(to, kind, body)
		}
	}
	to.close()
	a.wake()
	to.tellers.Wait()
}

func (a *agent) answer(to *line, kind byte, body []byte) error {
	switch kind {
	case begin:
		return a.tells(to, body)
	case finish:
		signalAll(syscall.SIGTERM)
		return nil
	case take:
		return a.takes(to, body)
	case give:
		a.kill()
		return gives(to, a.settings.Root)
	}
	return errors.New("the engine says what this agent does not know")
}

// tells begins a step, unless it has begun already, and sends what it writes from where the engine wants it.
func (a *agent) tells(to *line, body []byte) error {
	var step Step
	if err := json.Unmarshal(body, &step); err != nil {
		return err
	}
	if len(step.Command) == 0 {
		return errors.New("a step without a command")
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	kept := a.steps[step.Step]
	if kept == nil {
		var err error
		if kept, err = a.begin(step); err != nil {
			return err
		}
		a.steps[step.Step] = kept
	}
	to.tellers.Add(1)
	go func() {
		defer to.tellers.Done()
		if kept.tell(to, step.From, to.isClosed) != nil {
			to.close()
		}
	}()
	return nil
}

// wake lets those who wait for output see that nobody listens.
func (a *agent) wake() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, one := range a.steps {
		one.mutex.Lock()
		one.more.Broadcast()
		one.mutex.Unlock()
	}
}

// leave says nothing any more: the pod ends.
func (a *agent) leave() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.leaving = true
	if a.current != nil {
		a.current.close()
	}
}

// kill ends all that the steps have started; more may come meanwhile.
func (a *agent) kill() {
	for round := 0; round < 200 && signalAll(syscall.SIGKILL) > 0; round++ {
		time.Sleep(5 * time.Millisecond)
	}
}

// Move is what the engine says from inside of the pod, when a worker of another machine has taken up the job.
// Its settings are sealed by the token that holds until now: what passes them on may be a step.
type Move struct {
	Sealed []byte `json:"sealed"` // AES-256-GCM, the nonce first
}

func (m Move) opened(token string) (Settings, error) {
	var to Settings
	key := sha256.Sum256([]byte("sluiceway agent move\n" + token))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return to, err
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return to, err
	}
	if len(m.Sealed) < sealer.NonceSize() {
		return to, errors.New("nothing is sealed")
	}
	plain, err := sealer.Open(nil, m.Sealed[:sealer.NonceSize()], m.Sealed[sealer.NonceSize():], nil)
	if err != nil {
		return to, err
	}
	return parsed(bytes.NewReader(plain))
}

const moveSocket = "move.sock"

func listenForMoves(folder string) (net.Listener, error) {
	if err := os.Chdir(folder); err != nil { // a path of a socket has 107 bytes at most (unix(7))
		return nil, err
	}
	os.Remove(moveSocket)
	return net.Listen("unix", moveSocket)
}

func (a *agent) follow(moves net.Listener) {
	for {
		conn, err := moves.Accept()
		if err != nil {
			time.Sleep(lastPause)
			continue
		}
		go a.moved(conn)
	}
}

func (a *agent) moved(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(dialTime))
	var asked Move
	if json.NewDecoder(io.LimitReader(conn, maxSettings)).Decode(&asked) != nil {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	to, err := asked.opened(a.settings.Token)
	if err != nil {
		return
	}
	a.settings = to
	if a.current != nil {
		a.current.close()
	}
	conn.Write([]byte("moved\n"))
}
