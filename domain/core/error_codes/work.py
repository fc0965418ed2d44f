"""SLW80x to SLW85x, except scans and releases: the store, repositories and jobs."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

STORE = (
    ErrorCode(
        "SLW801",
        "an object is not in the store",
        "It has expired and was deleted, or the store was replaced.",
        "Run the job that created it again, or restore the store from a backup.",
    ),
    ErrorCode(
        "SLW802",
        "an object in the store is corrupt",
        "Its bytes no longer match their SHA-256: a disk error, or somebody changed them.",
        "Restore the object from a backup, and check the disk.",
    ),
    ErrorCode(
        "SLW803",
        "the store is full",
        "The disk, the quota or the bucket is full. Jobs wait, and continue once there is space.",
        "Free space: `sluiceway gc` removes what has expired.",
    ),
    ErrorCode(
        "SLW804",
        "the store does not answer",
        "The disk or the bucket cannot be reached, or the connection broke. Jobs wait, and continue once it answers.",
        "Check the disk or the object storage, and the network between.",
    ),
    ErrorCode(
        "SLW805",
        "the store denies access",
        "The credentials of the worker are missing, expired, or not allowed to do this.",
        "Renew the credentials of the worker, then run again.",
    ),
    ErrorCode(
        "SLW806",
        "the records belong to a newer engine",
        "A newer version has changed their schema, and this one could damage what it does not know.",
        "Upgrade this engine, or restore the copy of the records that was made at the upgrade.",
    ),
    ErrorCode(
        "SLW807",
        "the records cannot be opened",
        "The file is damaged or belongs to another user, the disk is full, or the database server is down.",
        "Check the disk and the owner of the file, or start the database server.",
    ),
    ErrorCode(
        "SLW808",
        "the inventory cannot be written",
        "The database does not answer, or another process has held it for longer than half a minute.",
        "Nothing: the watch of the cluster tries again, and lists everything once more. Check the disk or the server.",
    ),
    ErrorCode(
        "SLW821",
        "no file matches an artifact's patterns",
        "The steps created nothing that matches them.",
        "Check the patterns, which are relative to the workspace, and the steps.",
    ),
    ErrorCode(
        "SLW822",
        "an artifact unpacks to too much",
        "The size is limited, so that an archive cannot fill the worker's disk.",
        "Split the artifact, or make it smaller.",
    ),
    ErrorCode(
        "SLW823",
        "an artifact is unsafe to unpack",
        "An entry or a link leads out of the workspace (also by a link of the checkout), comes twice, or is a device.",
        "Find out what created the archive; do not use it.",
    ),
    ErrorCode(
        "SLW824",
        "an artifact cannot hold what matches its patterns",
        "A link is absolute or leads out of the workspace, where the next job has something else; or it is a pipe, a "
        "socket or a device, or cannot be read.",
        "Make the link relative (`ln -sr`), copy what it leads to, or leave it out with a pattern `!PATH`.",
    ),
    ErrorCode(
        "SLW825",
        "there is no time for an artifact's files",
        "`SOURCE_DATE_EPOCH` is not a whole number of seconds since 1970, or `times: commit` is set where there is no "
        "commit.",
        "Set it to digits only, as `git log -1 --format=%ct` prints them, or remove `times`.",
    ),
    ErrorCode(
        "SLW831",
        "a secret does not exist",
        "The store of the secrets has none of that name, or `sluiceway secret set` was run for another home.",
        "`sluiceway secret set NAME`, or put it into the store that SLUICEWAY_SECRETS names.",
    ),
)

SOURCE = (
    ErrorCode(
        "SLW811",
        "git is not installed",
        "Every run needs git to read its commit.",
        "Install git on the machine that runs the worker.",
    ),
    ErrorCode(
        "SLW812",
        "git took too long",
        "The network is slow, or the repository very large. It is retried.",
        "Check the connection to the repository.",
    ),
    ErrorCode(
        "SLW813",
        "a git command failed",
        "The message has git's own output.",
        "Run the command manually in the repository to see more.",
    ),
    ErrorCode(
        "SLW814",
        "a commit is not named by its full id",
        "Short ids and branches can later refer to another commit.",
        "Give all 40 (or 64) hexadecimal digits.",
    ),
    ErrorCode(
        "SLW815",
        "the repository does not have the commit",
        "It was not pushed, or was removed by a force push.",
        "Push it, then start again.",
    ),
    ErrorCode(
        "SLW816",
        "a remote repository cannot be fetched",
        "The host does not answer, or rejects the worker's credentials. It is retried.",
        "Check the address, the network and git's credentials on the worker's machine.",
    ),
    ErrorCode(
        "SLW817",
        "the folder of a repository belongs to another user",
        "git reads no repository of somebody else, because its settings can run commands.",
        "Run the engine as the owner, or trust the folder: git config --global --add safe.directory FOLDER.",
    ),
    ErrorCode(
        "SLW818",
        "an object of the repository is not a commit",
        "A tag can name a tree, a blob or another tag; only a commit can be checked out and run.",
        "Tag the commit: git tag -f NAME COMMIT.",
    ),
    ErrorCode(
        "SLW819",
        "a snapshot of a folder is in the home that took it",
        "A run by hand takes its files, with uncommitted changes, into its own home: no other home can fetch them.",
        "Push the changes, and start the run from the repository; or use the home that took the snapshot.",
    ),
    ErrorCode(
        "SLW826",
        "a submodule cannot be checked out",
        "It has no url in .gitmodules, its repository lacks the commit, or the engine may not read it.",
        "Correct .gitmodules or push the submodule's commit; `checkout: {submodules: false}` leaves submodules out.",
    ),
    ErrorCode(
        "SLW827",
        "the content of LFS files cannot be had",
        "git-lfs is not installed on the worker, or the server of the files does not answer or lacks one.",
        "Install git-lfs, and push the files: git lfs push --all origin; `checkout: {lfs: false}` leaves the pointers.",
    ),
)

JOBS = (
    ErrorCode(
        "SLW837",
        "an image is not referenced by digest",
        "A tag can move; a signature is about one digest.",
        "Write `NAME@sha256:…`.",
    ),
    ErrorCode(
        "SLW838",
        "the registry refused a request or did not answer",
        "It is down, refuses the credentials, or sent content that does not match its digest.",
        "Check that it is running, and its login: of the environment, of SLUICEWAY_REGISTRIES, or of `docker login`.",
    ),
    ErrorCode(
        "SLW839",
        "Docker refuses a request",
        "The daemon rejected the request as invalid; its reason is in the message.",
        "Correct the container option that it names.",
    ),
    ErrorCode(
        "SLW840",
        "an image cannot be pushed",
        "The registry refused it, or named no digest for it; or it is not public, and no setting names it.",
        "Check the tag; name the registry and its login in SLUICEWAY_REGISTRIES, or log the worker's machine in.",
    ),
    ErrorCode(
        "SLW841",
        "this worker cannot build images",
        "There is no Docker daemon, or it failed before the build began.",
        "Start a Docker daemon on the worker's machine, then the worker.",
    ),
    ErrorCode(
        "SLW842",
        "the supervisor of a job's steps did not start",
        "The process exited at once; its last output is in the message. It is retried.",
        "Check memory and process limits of the worker's machine.",
    ),
    ErrorCode(
        "SLW843",
        "an image's build context or Dockerfile is outside the workspace",
        "The path leads out of the checkout, directly or by a link; or it is a pipe or a device.",
        "Use a path inside the repository.",
    ),
    ErrorCode(
        "SLW844",
        "an image build failed",
        "A step of the Dockerfile failed; the job's log has its output.",
        "Correct the Dockerfile.",
    ),
    ErrorCode(
        "SLW845",
        "a job needs more than this worker has",
        "It requests more CPU, memory or containers than the whole machine has, so waiting would not help.",
        "Request less in `resources`, or start a bigger worker.",
    ),
    ErrorCode(
        "SLW846",
        "a job waited too long for capacity",
        "Other jobs used the worker's CPU, memory or containers until the job's queue timeout.",
        "Start more workers, or raise `queue-timeout`.",
    ),
    ErrorCode(
        "SLW847",
        "Docker does not answer",
        "The daemon is not running, or failed. The job's retry rule decides whether it is retried.",
        "Start the daemon on the worker's machine, or set DOCKER_HOST.",
    ),
    ErrorCode(
        "SLW848",
        "a container image cannot be pulled",
        "The name is wrong, the registry is out of reach, or the worker may not read from it, or not ask it.",
        "Check the name, and pull it manually on the worker's machine.",
    ),
    ErrorCode(
        "SLW849",
        "a container or service of a job exited, or was not ready in time",
        "Its last lines of output, or the reason that Kubernetes gives, are in the message.",
        "Correct its image, command, or readiness probe.",
    ),
    ErrorCode(
        "SLW850",
        "a namespace had no capacity in time",
        "Other pods used up its resource quota until the time limit. It is retried.",
        "Wait for other jobs to end, or raise the ResourceQuota.",
    ),
)
