package main

import (
	"context"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/mount-utils"
	"k8s.io/utils/exec"
)

// node mounts files: once for itself, and from there for each pod.
type node struct {
	csi.UnimplementedNodeServer
	files
	name string
}

var nodeAbilities = []csi.NodeServiceCapability_RPC_Type{
	csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
	csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
	csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
	csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
}

func (n *node) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.name}, nil
}

func (n *node) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	found := &csi.NodeGetCapabilitiesResponse{}
	for _, one := range nodeAbilities {
		found.Capabilities = append(found.Capabilities, &csi.NodeServiceCapability{
			Type: &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: one}},
		})
	}
	return found, nil
}

// NodeStageVolume makes a file system where there is none. A copy has the identifier of what it is a copy of: nouuid.
func (n *node) NodeStageVolume(_ context.Context, req *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	target := req.GetStagingTargetPath()
	if target == "" || req.GetVolumeCapability() == nil {
		return nil, status.Error(codes.InvalidArgument, "where to, and with which capability?")
	}
	file, err := n.known(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	there, err := begun(target)
	if err != nil || there {
		return &csi.NodeStageVolumeResponse{}, err
	}
	mounter := mount.NewSafeFormatAndMount(mount.New(""), exec.New())
	if err := mounter.FormatAndMount(file, target, "xfs", []string{"loop", "nouuid"}); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodeStageVolumeResponse{}, grown(file, target)
}

func (n *node) NodeUnstageVolume(_ context.Context, req *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	return &csi.NodeUnstageVolumeResponse{}, left(req.GetVolumeId(), req.GetStagingTargetPath())
}

func (n *node) NodePublishVolume(_ context.Context, req *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	from, target := req.GetStagingTargetPath(), req.GetTargetPath()
	if from == "" || target == "" || req.GetVolumeCapability() == nil {
		return nil, status.Error(codes.InvalidArgument, "from where, where to, and with which capability?")
	}
	file, err := n.known(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if other := elsewhere(file, from, target); other != "" && alone(req.GetVolumeCapability()) {
		return nil, status.Errorf(codes.FailedPrecondition, "one pod at a time can use it, and it is mounted at %s", other)
	}
	there, err := begun(target)
	if err != nil || there {
		return &csi.NodePublishVolumeResponse{}, err
	}
	options := []string{"bind"}
	if req.GetReadonly() {
		options = append(options, "ro")
	}
	if err := mount.New("").Mount(from, target, "", options); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

// alone says whether one pod at a time can use a volume: ReadWriteOncePod.
func alone(wanted *csi.VolumeCapability) bool {
	return wanted.GetAccessMode().GetMode() == csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER
}

// elsewhere is where a file is mounted beside two folders; empty: nowhere.
func elsewhere(file, staged, target string) string {
	for _, point := range mounts(file) {
		if point != staged && point != target {
			return point
		}
	}
	return ""
}

func (n *node) NodeUnpublishVolume(_ context.Context, req *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	return &csi.NodeUnpublishVolumeResponse{}, left(req.GetVolumeId(), req.GetTargetPath())
}

func (n *node) NodeExpandVolume(_ context.Context, req *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	if req.GetVolumePath() == "" {
		return nil, status.Error(codes.InvalidArgument, "where is it?")
	}
	file, err := n.known(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if there, err := mount.New("").IsMountPoint(req.GetVolumePath()); err != nil || !there {
		return nil, status.Errorf(codes.NotFound, "it is not mounted at %s", req.GetVolumePath())
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: size(file)}, grown(file, req.GetVolumePath())
}

func (n *node) NodeGetVolumeStats(_ context.Context, req *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	if req.GetVolumePath() == "" {
		return nil, status.Error(codes.InvalidArgument, "where is it?")
	}
	if _, err := n.known(req.GetVolumeId()); err != nil {
		return nil, err
	}
	if there, err := mount.New("").IsMountPoint(req.GetVolumePath()); err != nil || !there {
		return nil, status.Errorf(codes.NotFound, "it is not mounted at %s", req.GetVolumePath())
	}
	var found unix.Statfs_t
	if err := unix.Statfs(req.GetVolumePath(), &found); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	block := found.Bsize
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{
			Unit: csi.VolumeUsage_BYTES, Total: int64(found.Blocks) * block,
			Available: int64(found.Bavail) * block, Used: int64(found.Blocks-found.Bfree) * block,
		},
		{
			Unit: csi.VolumeUsage_INODES, Total: int64(found.Files),
			Available: int64(found.Ffree), Used: int64(found.Files - found.Ffree),
		},
	}}, nil
}

func (n *node) known(id string) (string, error) {
	file := n.volume(id)
	switch {
	case id == "":
		return "", status.Error(codes.InvalidArgument, "which volume?")
	case size(file) == 0:
		return "", status.Error(codes.NotFound, "there is no such volume")
	}
	return file, nil
}

// begun makes a folder, and says whether something is mounted there already.
func begun(target string) (bool, error) {
	if err := os.MkdirAll(target, 0o750); err != nil {
		return false, status.Error(codes.Internal, err.Error())
	}
	there, err := mount.New("").IsMountPoint(target)
	if err != nil {
		return false, status.Error(codes.Internal, err.Error())
	}
	return there, nil
}

// left unmounts and removes a folder; also one that is gone.
func left(id, target string) error {
	if id == "" || target == "" {
		return status.Error(codes.InvalidArgument, "which volume, and where?")
	}
	if err := mount.CleanupMountPoint(target, mount.New(""), true); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}

// grown lets a file system that is mounted at target have all of its file.
func grown(file, target string) error {
	if _, err := said("losetup", "--set-capacity", device(file)); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	if _, err := mount.NewResizeFs(exec.New()).Resize(file, target); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}
