// Command csi-files is a CSI driver for clusters whose nodes share one machine: each volume is an XFS file system in a file.
//
//	csi-files controller SOCKET FOLDER
//	csi-files node SOCKET FOLDER NODE REGISTRATION
//
// FOLDER holds the files, and is the same for all of a cluster. REGISTRATION is the socket by which the kubelet finds a
// node's driver. Source: https://github.com/container-storage-interface/spec/blob/v1.12.0/spec.md
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "csi-files:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "controller":
		files, err := opened(args[2])
		if err != nil {
			return err
		}
		return serve(args[1], func(to *grpc.Server) {
			csi.RegisterIdentityServer(to, identity{})
			csi.RegisterControllerServer(to, &controller{files: files})
		})
	case len(args) == 5 && args[0] == "node":
		files, err := opened(args[2])
		if err != nil {
			return err
		}
		ended := make(chan error, 2)
		go func() {
			ended <- serve(args[1], func(to *grpc.Server) {
				csi.RegisterIdentityServer(to, identity{})
				csi.RegisterNodeServer(to, &node{files: files, name: args[3]})
			})
		}()
		go func() {
			ended <- serve(args[4], func(to *grpc.Server) {
				registration.RegisterRegistrationServer(to, registrar{socket: args[1]})
			})
		}()
		return <-ended
	}
	return errors.New("usage: csi-files controller SOCKET FOLDER | node SOCKET FOLDER NODE REGISTRATION")
}

// serve answers on a socket that only its owner may open; one that a killed process left is replaced.
func serve(socket string, register func(*grpc.Server)) error {
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(logged))
	register(server)
	return server.Serve(listener)
}

// logged writes what fails; requests can hold secrets, and are not written.
func logged(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, req)
	if err != nil {
		fmt.Fprintln(os.Stderr, info.FullMethod, err)
	}
	return answer, err
}
