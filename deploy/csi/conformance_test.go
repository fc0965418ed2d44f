package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
)

// The specification's own tests, on real file systems: mounting needs root.
func TestTheDriverKeepsTheSpecification(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, args := range [][]string{
		{"controller", at("controller.sock"), at("files")},
		{"node", at("node.sock"), at("files"), "node-1", at("registration.sock")},
	} {
		go func() { t.Error(run(args)) }()
	}
	config := sanity.NewTestConfig()
	config.Address, config.ControllerAddress = "unix://"+at("node.sock"), "unix://"+at("controller.sock")
	config.TargetPath, config.StagingPath = at("target"), at("staging")
	config.TestVolumeSize, config.TestVolumeExpandSize = smallest, 2*smallest
	config.IdempotentCount = 1
	sanity.Test(t, config)
}
