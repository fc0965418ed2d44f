package main

import (
	"context"
	"os"
	"strings"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// controller makes, copies, grows and removes files. One order at a time: a file is there, or it is not.
type controller struct {
	csi.UnimplementedControllerServer
	files
	one sync.Mutex
}

var abilities = []csi.ControllerServiceCapability_RPC_Type{
	csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
	csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
	csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
	csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
	csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
}

func (c *controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	found := &csi.ControllerGetCapabilitiesResponse{}
	for _, one := range abilities {
		found.Capabilities = append(found.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: one}},
		})
	}
	return found, nil
}

func (c *controller) CreateVolume(_ context.Context, req *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	c.one.Lock()
	defer c.one.Unlock()
	file := c.volume(req.GetName())
	if file == "" || len(req.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "a volume has a name and capabilities")
	}
	if why := unable(req.GetVolumeCapabilities()); why != "" {
		return nil, status.Error(codes.InvalidArgument, why)
	}
	from, err := c.source(req.GetVolumeContentSource())
	if err != nil {
		return nil, err
	}
	wanted, most := req.GetCapacityRange().GetRequiredBytes(), req.GetCapacityRange().GetLimitBytes()
	if have := size(file); have > 0 {
		if have < wanted || (most > 0 && have > most) {
			return nil, status.Errorf(codes.AlreadyExists, "%s exists with %d bytes", req.GetName(), have)
		}
		return answer(req, have), nil
	}
	bytes, err := c.room(wanted, most, size(from))
	if err != nil {
		return nil, err
	}
	if err := made(file, from, bytes); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return answer(req, bytes), nil
}

func answer(req *csi.CreateVolumeRequest, bytes int64) *csi.CreateVolumeResponse {
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId: req.GetName(), CapacityBytes: bytes, ContentSource: req.GetVolumeContentSource(),
	}}
}

// source is the file that a new volume begins with; empty: none.
func (c *controller) source(from *csi.VolumeContentSource) (string, error) {
	if from == nil {
		return "", nil
	}
	file := c.snapshot(from.GetSnapshot().GetSnapshotId())
	if from.GetVolume() != nil {
		file = c.volume(from.GetVolume().GetVolumeId())
	}
	if size(file) == 0 {
		return "", status.Error(codes.NotFound, "what the volume shall begin with is gone")
	}
	return file, nil
}

// room is the size of a volume in bytes, in whole MiB, if the machine has room for it.
func (c *controller) room(wanted, most, least int64) (int64, error) {
	bytes := max(wanted, least)
	if bytes == 0 {
		bytes = usual
	}
	bytes = (max(bytes, smallest) + mib - 1) / mib * mib
	if most > 0 && bytes > most {
		return 0, status.Errorf(codes.OutOfRange, "it would have %d bytes, more than the limit of %d", bytes, most)
	}
	if free := c.free(); bytes > free {
		return 0, status.Errorf(codes.ResourceExhausted, "%d MiB are requested, and this machine has %d left", bytes/mib, free/mib)
	}
	return bytes, nil
}

func (c *controller) DeleteVolume(_ context.Context, req *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	c.one.Lock()
	defer c.one.Unlock()
	if req.GetVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume?")
	}
	file := c.volume(req.GetVolumeId())
	if used := mounts(file); len(used) > 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "it is mounted at %s", used[0])
	}
	return &csi.DeleteVolumeResponse{}, removed(file)
}

func removed(file string) error {
	if err := os.Remove(file); file != "" && err != nil && !os.IsNotExist(err) {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, req *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if req.GetVolumeId() == "" || len(req.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "which volume, and which capabilities?")
	}
	if size(c.volume(req.GetVolumeId())) == 0 {
		return nil, status.Error(codes.NotFound, "there is no such volume")
	}
	if why := unable(req.GetVolumeCapabilities()); why != "" {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: why}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: req.GetVolumeCapabilities()},
	}, nil
}

// unable says what a volume cannot be; empty: it can be all of it.
func unable(wanted []*csi.VolumeCapability) string {
	for _, one := range wanted {
		if one.GetMount() == nil {
			return "it is a file system, and no block device"
		}
		if strings.HasPrefix(one.GetAccessMode().GetMode().String(), "MULTI_NODE") {
			return "one node at a time can use it"
		}
	}
	return ""
}

func (c *controller) CreateSnapshot(_ context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	c.one.Lock()
	defer c.one.Unlock()
	id := req.GetSourceVolumeId() + "@" + req.GetName()
	file, from := c.snapshot(id), c.volume(req.GetSourceVolumeId())
	if file == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot has a name and a volume")
	}
	if known := c.named(req.GetName()); known != "" && known != id {
		return nil, status.Errorf(codes.AlreadyExists, "%s is a snapshot of another volume", req.GetName())
	}
	if size(from) == 0 {
		return nil, status.Error(codes.NotFound, "there is no such volume")
	}
	if size(file) == 0 {
		if err := made(file, from, size(from)); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
	}
	found, err := os.Stat(file)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: id, SourceVolumeId: req.GetSourceVolumeId(), SizeBytes: found.Size(),
		CreationTime: timestamppb.New(found.ModTime()), ReadyToUse: true,
	}}, nil
}

func (c *controller) DeleteSnapshot(_ context.Context, req *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	c.one.Lock()
	defer c.one.Unlock()
	if req.GetSnapshotId() == "" {
		return nil, status.Error(codes.InvalidArgument, "which snapshot?")
	}
	return &csi.DeleteSnapshotResponse{}, removed(c.snapshot(req.GetSnapshotId()))
}

func (c *controller) ControllerExpandVolume(_ context.Context, req *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	c.one.Lock()
	defer c.one.Unlock()
	if req.GetVolumeId() == "" || req.GetCapacityRange() == nil {
		return nil, status.Error(codes.InvalidArgument, "which volume, and how large?")
	}
	file := c.volume(req.GetVolumeId())
	have := size(file)
	if have == 0 {
		return nil, status.Error(codes.NotFound, "there is no such volume")
	}
	bytes, err := c.room(req.GetCapacityRange().GetRequiredBytes(), req.GetCapacityRange().GetLimitBytes(), have)
	if err != nil {
		return nil, err
	}
	if err := os.Truncate(file, bytes); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: bytes, NodeExpansionRequired: true}, nil
}
