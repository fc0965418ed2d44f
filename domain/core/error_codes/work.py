"""SLW80x to SLW86x, except releases: the store, repositories, jobs and scans."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

STORE = (
    ErrorCode(
        "SLW801",
        "an object is not in the store",
        "It has expired and was collected, or the store is another one than when it was written.",
        "Run the job again that made it, or restore the store from a backup.",
    ),
    ErrorCode(
        "SLW802",
        "an object in the store is not what was stored",
        "Its bytes no longer match their SHA-256: a disk error, or somebody changed them.",
        "Restore the object from a backup, and check the disk.",
    ),
    ErrorCode(
        "SLW803",
        "the store is full",
        "The disk, the quota or the bucket takes no more. Jobs wait and go on when there is room.",
        "Free space: `sluiceway gc` removes what has expired.",
    ),
    ErrorCode(
        "SLW804",
        "the store does not answer",
        "The disk or the bucket cannot be reached, or the connection broke. Jobs wait and go on when it answers.",
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
        "SLW821",
        "no file matches an artifact's patterns",
        "The steps made nothing where the artifact is expected.",
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
        "An entry leads out of the workspace, or is a device.",
        "Find out what made the archive; do not use it.",
    ),
    ErrorCode(
        "SLW831",
        "a secret's reference leads nowhere",
        "The variable is not set for the worker, or the file does not exist there.",
        "Set it where the worker runs, and restart the worker.",
    ),
)

SOURCE = (
    ErrorCode(
        "SLW811",
        "git is not installed",
        "Every run begins with a commit, which the git program reads.",
        "Install git on the machine that runs the worker.",
    ),
    ErrorCode(
        "SLW812",
        "git took too long",
        "The network is slow, or the repository very large. It is tried again.",
        "Check the connection to the repository.",
    ),
    ErrorCode(
        "SLW813",
        "a git command failed",
        "The reason is in git's own words.",
        "Run the command by hand in the repository to see more.",
    ),
    ErrorCode(
        "SLW814",
        "a commit is not named by its full id",
        "Short ids and branches can come to mean another commit.",
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
        "The host does not answer, or does not let the worker in. It is tried again.",
        "Check the address, the network and git's credentials on the worker's machine.",
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
        "the registry does not do what was asked",
        "It does not answer, refuses the credentials, or sends something else than its digest says.",
        "Check that it is up, and that `docker login` was done on the worker's machine.",
    ),
    ErrorCode(
        "SLW839",
        "Docker refuses a request",
        "The daemon answered that the request itself is wrong; its words are in the message.",
        "Correct the option of the container that the words name.",
    ),
    ErrorCode(
        "SLW840",
        "an image cannot be pushed",
        "The registry refused it, or named no digest for it.",
        "Check the tag, and that `docker login` was done on the worker's machine.",
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
        "The process ended at once; its last words are in the message. It is tried again.",
        "Check memory and process limits of the worker's machine.",
    ),
    ErrorCode(
        "SLW843",
        "an image's build context is outside the workspace",
        "The path leads out of the checkout, directly or by a link.",
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
        "It asks for more CPU, memory or containers than the whole machine offers, so waiting would not help.",
        "Ask for less in `resources`, or start a bigger worker.",
    ),
    ErrorCode(
        "SLW846",
        "a job waited too long for capacity",
        "Other jobs held the worker's CPU, memory or containers until the job's queue limit was over.",
        "Start more workers, or raise `queue-timeout`.",
    ),
    ErrorCode(
        "SLW847",
        "Docker does not answer",
        "The daemon is not running, or failed. The job's retry rule decides whether it is tried again.",
        "Start the daemon on the worker's machine, or set DOCKER_HOST.",
    ),
    ErrorCode(
        "SLW848",
        "a container image cannot be pulled",
        "The name is wrong, the registry is out of reach, or the worker may not read from it.",
        "Check the name, and pull it by hand on the worker's machine.",
    ),
    ErrorCode(
        "SLW849",
        "a container or service of a job ended, or was not ready in time",
        "Its last lines of output, or the reason that Kubernetes gives, are in the message.",
        "Correct its image, command, or readiness probe.",
    ),
    ErrorCode(
        "SLW850",
        "a namespace had no room in time",
        "Other pods used up its resource quota until the limit was over. It is tried again.",
        "Wait for other jobs to end, or raise the ResourceQuota.",
    ),
)

SCANS = (
    ErrorCode(
        "SLW833",
        "an image was never scanned by this installation",
        "Only what has a signed scan can be blocked.",
        "Scan the image in a pipeline first.",
    ),
    ErrorCode(
        "SLW834",
        "advisories cannot be read",
        "A file is missing, damaged or too big.",
        "Download the export again, and check its size.",
    ),
    ErrorCode(
        "SLW835",
        "the files contain no usable advisory",
        "No entry affects a package of an ecosystem that is known.",
        "Use an export of OSV in JSON; docs/air-gap.md shows where to get one.",
    ),
    ErrorCode(
        "SLW836",
        "there is no vulnerability database",
        "Dependency scans compare packages with a local database, which nobody has built yet.",
        "Run `sluiceway db build --osv FILE…`.",
    ),
    ErrorCode(
        "SLW851",
        "there is nothing to scan",
        "The path does not exist in the checkout or on this machine.",
        "Correct `path`, or the argument of `sluiceway scan`.",
    ),
    ErrorCode(
        "SLW852",
        "the file is not an image archive",
        "An image is scanned from an archive as `docker save` or an OCI layout writes it.",
        "Run `docker save IMAGE -o FILE`, and scan the file.",
    ),
    ErrorCode(
        "SLW853",
        "the baseline cannot be read",
        "The file is missing, or is not a report in the JSON format of this program.",
        "Write one with `sluiceway scan --format json`.",
    ),
    ErrorCode(
        "SLW854",
        "no scanner made an SBOM",
        "Only scanners that list packages make one.",
        "Include trivy in the scan.",
    ),
    ErrorCode(
        "SLW855",
        "VEX statements cannot be read",
        "The file is not an OpenVEX document.",
        "Correct the file; docs/scanning.md shows the fields that are read.",
    ),
    ErrorCode(
        "SLW856",
        "the file is not a list of risks",
        "It is neither an EPSS table nor a catalogue of known exploited vulnerabilities.",
        "Download the original file again.",
    ),
    ErrorCode(
        "SLW857",
        "the mirror has no usable vulnerability database",
        "The registry holds something else under the reference, or a damaged copy.",
        "Name a mirror of trivy's database, such as `REGISTRY/trivy-db:2`.",
    ),
    ErrorCode(
        "SLW858",
        "a tool cannot be installed",
        "The download or the installation failed; the reason is in the message.",
        "Check the network or the mirror, then repeat; docs/air-gap.md shows the way without a network.",
    ),
    ErrorCode(
        "SLW859",
        "the file system of a process cannot be read",
        "The process belongs to another user, or has ended.",
        "Run the scan as the same user or as root.",
    ),
)
