"""SLW851 to SLW859 and SLW885 to SLW888: scans, baselines and owners of findings."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

ALL = (
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
        "No entry affects a package of a supported ecosystem.",
        "Use an export of OSV in JSON; docs/air-gap.md shows where to get one.",
    ),
    ErrorCode(
        "SLW836",
        "there is no vulnerability database",
        "Dependency scans compare packages with a local database, which does not exist yet.",
        "Run `sluiceway db build --osv FILE…`.",
    ),
    ErrorCode(
        "SLW851",
        "there is nothing to scan",
        "The path does not exist in the checkout or on this machine, cannot be read, or has no file that is scanned.",
        "Correct `path`, or the argument of `sluiceway scan`; --all scans what git ignores, too.",
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
        "the file is not an EPSS table or KEV catalog",
        "Its content has neither format.",
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
        "Check the network or the mirror, then repeat; docs/air-gap.md shows how to do without a network.",
    ),
    ErrorCode(
        "SLW859",
        "the file system of a process cannot be read",
        "The process belongs to another user, or has ended.",
        "Run the scan as the same user or as root.",
    ),
    ErrorCode(
        "SLW039",
        "a baseline does not count",
        "It was not signed by a registered identity that may accept risks, or not for a scan that this installation"
        " made of this commit of the default branch. The whole gate holds as if there were none.",
        "Let a person who may accept risks set it again: `sluiceway findings baseline set PIPELINE --reason TEXT`.",
    ),
    ErrorCode(
        "SLW042",
        "a gate says `new-only: true`",
        "It let pass what the last green scan of the default branch had, so whoever got a weakness past a gate once had"
        " it excused for good. Now it asks for a baseline that a person has signed, and is closed without one.",
        "Set a baseline with `sluiceway findings baseline set PIPELINE --reason TEXT`, and write `new-only: required`;"
        " or leave the key out: then everything counts until somebody sets one.",
    ),
    ErrorCode(
        "SLW893",
        "the commit of --changed is not known",
        "The folder is in no git repository, or the repository has no commit, branch or tag of this name.",
        "Name one that `git log` shows, such as HEAD or main; in a folder without git leave --changed out.",
    ),
    ErrorCode(
        "SLW885",
        "no scan of a default branch is known",
        "Findings are recorded by scan jobs of the default branch; other branches and pull requests say nothing of it.",
        "Push the default branch to a pipeline with a `scan` job, or leave out a filter.",
    ),
    ErrorCode(
        "SLW886",
        "no such finding is open",
        "The last scans of the default branches have no finding with this fingerprint, or several begin with it.",
        "List them with `sluiceway findings list`; the first eight characters of a fingerprint suffice.",
    ),
    ErrorCode(
        "SLW887",
        "this scan cannot become a baseline",
        "A baseline says that everything in it is old: a scan that did not look at everything, or that is not the last"
        " one of the default branch, cannot say that.",
        "Make the scan complete, push the default branch, and set the baseline then.",
    ),
    ErrorCode(
        "SLW888",
        "an entry cannot be added to a reviewed file",
        "The file is no document of its kind, or would not be valid with the entry.",
        "Mend the file as `sluiceway lint` says, or write the entry by hand.",
    ),
    ErrorCode(
        "SLW889",
        "a report cannot be written",
        "The file or its folder may not be written, or the disk is full.",
        "Name another file with -o.",
    ),
)
