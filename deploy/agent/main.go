// Command agent runs the steps of one job in its pod. It dials the engine's job endpoint, and nothing else.
//
// The image of a job needs /bin/sh and nothing more: an init container puts this program beside it.
//
//	agent install FROM INTO   copies this program and the job's settings into a volume
//	agent run FOLDER          the job's container: takes the settings, and serves the engine until the pod ends
//	agent move FOLDER         serves another endpoint from now on: settings on standard input, from the engine
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	programFile  = "agent"
	settingsFile = "settings.json"
	maxSettings  = 64 << 10
)

// Settings say where the engine is, and prove that this is the pod of one job.
type Settings struct {
	Address string `json:"address"` // HOST:PORT of the job endpoint
	Pin     string `json:"pin"`     // SHA-256 of its certificate (DER), in hex
	Token   string `json:"token"`   // KEY:SECRET; it ends with the job
	Root    string `json:"root"`    // the job's folder
}

func (s Settings) complete() bool {
	return s.Address != "" && len(s.Pin) == 2*sha256.Size && s.Token != "" && s.Root != ""
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sluiceway agent:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "install":
		return install(args[1], args[2])
	case len(args) == 2 && args[0] == "run":
		return serve(args[1])
	case len(args) == 2 && args[0] == "move":
		return move(args[1], os.Stdin)
	}
	return errors.New("usage: agent install FROM INTO | run FOLDER | move FOLDER")
}

func install(from, into string) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	if err := copied(own, filepath.Join(into, programFile), 0o555); err != nil {
		return err
	}
	return copied(filepath.Join(from, settingsFile), filepath.Join(into, settingsFile), 0o600)
}

func copied(from, to string, mode os.FileMode) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, mode)
}

// taken reads the settings and removes them: no step shall find the token.
func taken(folder string) (Settings, error) {
	path := filepath.Join(folder, settingsFile)
	file, err := os.Open(path)
	if err != nil {
		return Settings{}, err
	}
	defer file.Close()
	settings, err := parsed(file)
	if err == nil {
		err = os.Remove(path)
	}
	return settings, err
}

func parsed(from io.Reader) (Settings, error) {
	var settings Settings
	data, err := io.ReadAll(io.LimitReader(from, maxSettings))
	if err == nil {
		err = json.Unmarshal(data, &settings)
	}
	if err == nil && !settings.complete() {
		err = errors.New("the settings lack something")
	}
	return settings, err
}

func serve(folder string) error {
	settings, err := taken(folder)
	if err != nil {
		return err
	}
	keepPrivate()
	adoptOrphans()
	for _, name := range []string{"workspace", "home", "tmp"} {
		if err := os.MkdirAll(filepath.Join(settings.Root, name), 0o755); err != nil {
			return err
		}
	}
	if file, err := os.OpenFile(filepath.Join(settings.Root, "outputs"), os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
		file.Close()
	}
	agent := newAgent(folder, settings)
	moved, err := listenForMoves(folder)
	if err != nil {
		return err
	}
	go agent.follow(moved)
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM, syscall.SIGINT)
	go agent.dialForever()
	<-ends
	agent.leave() // what is killed now is no step that has ended
	agent.kill()
	return nil
}

// move tells the agent of this pod, from inside of it, where the engine is now. It asks for
// settings that are sealed by the token, which no step has.
func move(folder string, from io.Reader) error {
	if err := os.Chdir(folder); err != nil {
		return err
	}
	conn, err := net.Dial("unix", moveSocket)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(dialTime))
	var asked json.RawMessage // one value: not every API server can say that the input has ended
	if err := json.NewDecoder(io.LimitReader(from, maxSettings)).Decode(&asked); err != nil {
		return err
	}
	if _, err := conn.Write(asked); err != nil {
		return err
	}
	answer := make([]byte, len("moved\n"))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return errors.New("the agent refuses to move")
	}
	return nil
}
