package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A frame is a byte for its kind, four for its length (big-endian), and its content.
const (
	hello  = 'H' // to the engine, first: what this agent knows already
	output = 'O' // to the engine: a byte for the stream (1, 2), eight for the offset, and what a step wrote
	ended  = 'E' // to the engine: a step, or a transfer, is done
	begin  = 'R' // from the engine: run a step, or go on telling what it writes
	finish = 'T' // from the engine: SIGTERM to all that runs
	take   = 'F' // from the engine: files follow, whose digest this is
	give   = 'G' // from the engine: send the job's files
	blob   = 'B' // both ways: a piece of files; an empty one is the last
)

const (
	maxFrame   = 16 << 20 // of the engine: a step with its script and variables
	piece      = 32 << 10
	dialTime   = 10 * time.Second
	deadAfter  = 20 * time.Second // without an answer of the other machine
	firstPause = 20 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

var errRefused = errors.New("the engine refuses this job's token")

// line is one connection to the engine. Only one goroutine writes, and one reads.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer

	closed  atomic.Bool
	tellers sync.WaitGroup
}

func (l *line) close() {
	l.closed.Store(true)
	l.conn.Close()
}

func (l *line) isClosed() bool { return l.closed.Load() }

func dial(settings Settings) (*line, error) {
	plain, err := (&net.Dialer{Timeout: dialTime, KeepAlive: 5 * time.Second}).Dial("tcp", settings.Address)
	if err != nil {
		return nil, err
	}
	endWithTheNetwork(plain.(*net.TCPConn))
	secured := tls.Client(plain, &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, // by a name; the certificate itself is pinned instead
		VerifyConnection:   func(state tls.ConnectionState) error { return isPinned(state, settings.Pin) },
	})
	found := &line{conn: secured, in: bufio.NewReaderSize(secured, 64<<10), out: bufio.NewWriterSize(secured, 64<<10)}
	secured.SetDeadline(time.Now().Add(dialTime))
	if err := found.upgrade(settings); err != nil {
		secured.Close()
		return nil, err
	}
	secured.SetDeadline(time.Time{})
	return found, nil
}

func isPinned(state tls.ConnectionState, pin string) error {
	sum := sha256.Sum256(state.PeerCertificates[0].Raw)
	if hex.EncodeToString(sum[:]) != pin {
		return errors.New("the endpoint has another certificate")
	}
	return nil
}

// endWithTheNetwork makes a cut network an error, also while there is nothing to say.
func endWithTheNetwork(conn *net.TCPConn) {
	const tcpUserTimeout = 0x12 // tcp(7)
	if raw, err := conn.SyscallConn(); err == nil {
		raw.Control(func(handle uintptr) {
			syscall.SetsockoptInt(int(handle), syscall.IPPROTO_TCP, tcpUserTimeout, int(deadAfter.Milliseconds()))
		})
	}
}

func (l *line) upgrade(settings Settings) error {
	fmt.Fprintf(l.out, "GET /agent HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: sluiceway-agent/1\r\n"+
		"Authorization: Bearer %s\r\n\r\n", settings.Address, settings.Token)
	if err := l.out.Flush(); err != nil {
		return err
	}
	first, err := l.in.ReadString('\n')
	for header := first; err == nil && strings.TrimSpace(header) != ""; {
		header, err = l.in.ReadString('\n')
	}
	if err != nil {
		return err
	}
	switch words := strings.Fields(first); {
	case len(words) > 1 && words[1] == "101":
		return nil
	case len(words) > 1 && words[1] == "401":
		return errRefused
	}
	return fmt.Errorf("the endpoint says %q", strings.TrimSpace(first))
}

func (l *line) read() (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(l.in, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxFrame {
		return 0, nil, errors.New("a frame is too large")
	}
	body := make([]byte, size)
	_, err := io.ReadFull(l.in, body)
	return head[0], body, err
}

func (l *line) write(kind byte, parts ...[]byte) error {
	size := 0
	for _, one := range parts {
		size += len(one)
	}
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(size))
	l.out.Write(head[:])
	for _, one := range parts {
		l.out.Write(one)
	}
	return l.out.Flush()
}

func (l *line) say(kind byte, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return l.write(kind, body)
}
