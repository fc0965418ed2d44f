package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
	"k8s.io/mount-utils"
)

// Smallest that mkfs.xfs makes is 300 MiB; sizes are whole MiB.
const (
	mib        = int64(1) << 20
	smallest   = 320 * mib
	usual      = int64(1) << 30
	fileSuffix = ".xfs"
	freeze     = 0xC0045877 // FIFREEZE and FITHAW of linux/fs.h, which x/sys/unix does not name
	thaw       = 0xC0045878
)

// names are those of volumes and snapshots that become names of files: no folder, and no separator of a snapshot's.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// files keeps volumes as FOLDER/volumes/ID.xfs, and snapshots as FOLDER/snapshots/VOLUME@NAME.xfs. Nothing else is kept:
// what a file is, its name and size say.
type files struct{ folder string }

// opened makes the folders, and thaws what a process froze that was killed.
func opened(folder string) (files, error) {
	found := files{folder}
	for _, one := range []string{"volumes", "snapshots"} {
		if err := os.MkdirAll(filepath.Join(folder, one), 0o700); err != nil {
			return found, err
		}
	}
	there, err := filepath.Glob(filepath.Join(folder, "volumes", "*"+fileSuffix))
	for _, file := range there {
		for _, point := range mounts(file) {
			_ = frozen(point, thaw) // EINVAL: it was not frozen
		}
	}
	return found, err
}

// volume is the file of a volume, whether it exists or not; empty for what is no name of one.
func (f files) volume(id string) string {
	if !names.MatchString(id) {
		return ""
	}
	return filepath.Join(f.folder, "volumes", id+fileSuffix)
}

// snapshot is the file of a snapshot by its id, VOLUME@NAME.
func (f files) snapshot(id string) string {
	volume, name, both := strings.Cut(id, "@")
	if !both || !names.MatchString(volume) || !names.MatchString(name) {
		return ""
	}
	return filepath.Join(f.folder, "snapshots", id+fileSuffix)
}

// named is the id of the snapshot with a name; empty: there is none.
func (f files) named(name string) string {
	found, _ := filepath.Glob(filepath.Join(f.folder, "snapshots", "*@"+name+fileSuffix))
	if len(found) == 0 {
		return ""
	}
	return strings.TrimSuffix(filepath.Base(found[0]), fileSuffix)
}

// free is how many bytes the machine has for more files.
func (f files) free() int64 {
	var found unix.Statfs_t
	if err := unix.Statfs(f.folder, &found); err != nil {
		return 0
	}
	return int64(found.Bavail) * found.Bsize
}

// size of a file in bytes; 0: there is none.
func size(file string) int64 {
	found, err := os.Stat(file)
	if file == "" || err != nil {
		return 0
	}
	return found.Size()
}

// made creates a file of a size, with what another one has now; it has its name when it is complete.
func made(file, from string, bytes int64) error {
	unfinished := file + ".new"
	if err := os.Remove(unfinished); err != nil && !os.IsNotExist(err) {
		return err
	}
	if from != "" {
		if err := copied(from, unfinished); err != nil {
			return err
		}
	}
	empty, err := os.OpenFile(unfinished, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = empty.Truncate(bytes)
		_ = empty.Close()
	}
	if err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}

// copied copies a file whose file system, if it is mounted, stands still meanwhile.
func copied(from, to string) error {
	if points := mounts(from); len(points) > 0 { // all of them show one file system
		if err := frozen(points[0], freeze); err != nil {
			return fmt.Errorf("freezing %s: %w", points[0], err)
		}
		defer func() { _ = frozen(points[0], thaw) }()
	}
	_, err := said("cp", "--reflink=auto", "--sparse=always", from, to)
	return err
}

func frozen(point string, order uint) error {
	folder, err := os.Open(point)
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.IoctlSetInt(int(folder.Fd()), order, 0)
}

// device is the loop device of a file; empty: it has none.
func device(file string) string {
	found, _ := said("losetup", "--associated", file, "--noheadings", "--output", "NAME")
	return strings.TrimSpace(strings.SplitN(found, "\n", 2)[0])
}

// mounts are the folders where a file is mounted.
func mounts(file string) []string {
	loop := device(file)
	if loop == "" {
		return nil
	}
	all, _ := mount.New("").List()
	found := []string{}
	for _, one := range all {
		if one.Device == loop {
			found = append(found, one.Path)
		}
	}
	return found
}

func said(name string, args ...string) (string, error) {
	found, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(found)))
	}
	return string(found), nil
}
