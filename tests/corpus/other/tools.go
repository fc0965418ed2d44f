package tools

import (
	"crypto/tls"
	"os/exec"
)

func Run(name string) error {
	return exec.Command("sh", "-c", "ls "+name).Run() // weak: 78
}

func RunFixed() error {
	return exec.Command("sh", "-c", "ls /srv").Run() // fine: 78
}

func RunList(name string) error {
	return exec.Command("ls", "--", name).Run() // fine: 78
}

func Open() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true} // weak: 295
}

func Closed() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12} // fine: 295
}
