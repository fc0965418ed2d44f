package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Files is what a job begins with: an archive, by its digest.
type Files struct {
	Digest string `json:"digest"` // SHA-256, in hex
}

var moved = []string{"workspace", "home", "outputs"}

// takes asks for the files, unless this pod has them: whoever takes a job up must not undo what its steps have done.
func (a *agent) takes(to *line, body []byte) error {
	var asked Files
	if err := json.Unmarshal(body, &asked); err != nil {
		return err
	}
	if !a.hasFiles {
		if err := to.write(give); err != nil {
			return err
		}
		archive, err := received(to, a.folder, asked.Digest)
		if err != nil {
			return err
		}
		defer archive.Close()
		if err := unpack(archive, a.settings.Root); err != nil {
			return to.say(ended, Ended{Code: 1, Why: err.Error()})
		}
		a.mutex.Lock()
		a.hasFiles = true
		a.mutex.Unlock()
	}
	return to.say(ended, Ended{})
}

// received is a file without a name, whose content has the digest.
func received(from *line, folder, digest string) (*os.File, error) {
	file, err := os.CreateTemp(folder, ".files-")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name())
	sum := sha256.New()
	for {
		kind, body, err := from.read()
		if err == nil && kind != blob {
			err = errors.New("something else comes between the files")
		}
		if err == nil && len(body) > 0 {
			sum.Write(body)
			_, err = file.Write(body)
		}
		if err == nil && len(body) == 0 && hex.EncodeToString(sum.Sum(nil)) != digest {
			err = errors.New("the files are not those that were announced")
		}
		if err != nil {
			file.Close()
			return nil, err
		}
		if len(body) == 0 {
			_, err = file.Seek(0, io.SeekStart)
			return file, err
		}
	}
}

// unpack is for archives of the engine, whose digest was compared.
func unpack(archive io.Reader, root string) error {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	var folders []*tar.Header
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(header.Name) {
			return errors.New("a file lies outside")
		}
		if header.Typeflag == tar.TypeDir {
			folders = append(folders, header)
		}
		if err := place(header, reader, root); err != nil {
			return err
		}
	}
	for index := len(folders) - 1; index >= 0; index-- { // last: a folder may be read-only
		path := filepath.Join(root, folders[index].Name)
		if err := os.Chmod(path, fs.FileMode(folders[index].Mode).Perm()); err != nil {
			return err
		}
		setTime(path, folders[index].ModTime)
	}
	return nil
}

func place(header *tar.Header, content io.Reader, root string) error {
	path := filepath.Join(root, header.Name)
	switch header.Typeflag {
	case tar.TypeDir:
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		return nil
	case tar.TypeSymlink:
		os.Remove(path)
		if err := os.Symlink(header.Linkname, path); err != nil {
			return err
		}
	case tar.TypeLink:
		os.Remove(path)
		return os.Link(filepath.Join(root, header.Linkname), path)
	case tar.TypeReg:
		os.Remove(path)
		mode := fs.FileMode(header.Mode).Perm()
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, mode)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		if wrong := file.Close(); err == nil {
			err = wrong
		}
		if err != nil {
			return err
		}
	default:
		return nil
	}
	setTime(path, header.ModTime)
	return nil
}

// setTime of a file, a folder, or a link itself (utimensat(2)).
func setTime(path string, at time.Time) {
	const atFDCWD, atSymlinkNoFollow = -100, 0x100
	name, err := syscall.BytePtrFromString(path)
	if err != nil {
		return
	}
	times := [2]syscall.Timespec{syscall.NsecToTimespec(at.UnixNano()), syscall.NsecToTimespec(at.UnixNano())}
	folder := atFDCWD
	syscall.Syscall6(syscall.SYS_UTIMENSAT, uintptr(folder), uintptr(unsafe.Pointer(name)),
		uintptr(unsafe.Pointer(&times)), atSymlinkNoFollow, 0, 0)
}

// pieces sends what is written to it.
type pieces struct{ to *line }

func (p pieces) Write(data []byte) (int, error) {
	for sent := 0; sent < len(data); {
		next := min(len(data), sent+piece)
		if err := p.to.write(blob, data[sent:next]); err != nil {
			return sent, err
		}
		sent = next
	}
	return len(data), nil
}

// gives sends what the steps have made. Whatever is no file, folder or link is left out.
func gives(to *line, root string) error {
	sum := sha256.New()
	archive := tar.NewWriter(io.MultiWriter(pieces{to}, sum))
	links := map[[2]uint64]string{}
	for _, name := range moved {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return pack(archive, root, path, links)
		})
		if err != nil {
			return to.say(ended, Ended{Code: 1, Why: err.Error()})
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if err := to.write(blob); err != nil {
		return err
	}
	return to.say(ended, Ended{Digest: hex.EncodeToString(sum.Sum(nil))})
}

func pack(archive *tar.Writer, root, path string, links map[[2]uint64]string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	target := ""
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	case !mode.IsRegular() && !mode.IsDir():
		return nil
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	header.Name, header.Format, header.Uid, header.Gid, header.Uname, header.Gname = name, tar.FormatGNU, 0, 0, "", ""
	header.ModTime = header.ModTime.Truncate(time.Second)
	header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
	if info.IsDir() {
		header.Name += "/"
	}
	if stat := info.Sys().(*syscall.Stat_t); info.Mode().IsRegular() && stat.Nlink > 1 {
		known := [2]uint64{stat.Dev, stat.Ino}
		if first, found := links[known]; found {
			header.Typeflag, header.Linkname, header.Size = tar.TypeLink, first, 0
			return archive.WriteHeader(header)
		}
		links[known] = name
	}
	if err := archive.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return packContent(archive, path, header.Size)
}

// packContent keeps to the size that was announced, if the file changes meanwhile.
func packContent(archive io.Writer, path string, size int64) error {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	count, err := io.Copy(archive, io.LimitReader(file, size))
	if err == nil && count < size {
		return errors.New(strings.ToValidUTF8(path, "?") + " became shorter while it was read")
	}
	return err
}
