"""Errors of authority: who may make the engine do something, and what a stranger's bytes may do."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode
from domain.core.error_codes.network import NETWORK
from domain.core.error_codes.permits import PERMITS

MESSAGES: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW001",
        "a message was not sealed by this engine",
        "Every message between the engine's processes carries a seal, made with a key of the home, that fits this"
        " message only. What has none, or one of another message, was sent by somebody else, was copied, or was"
        " sent twice. It is not followed: an execution that somebody else starts fails at once, a signal is"
        " dropped, an update and a query are answered with this error, and the result of an activity or a child"
        " counts as this failure.",
        "`sluiceway status` shows how many there were, and who sent the last one. If it was a process of your"
        " own, let it use the same home, or the same file `keys/messages.json`. Commands are given with"
        " `sluiceway`, not with `temporal`.",
    ),
    ErrorCode(
        "SLW002",
        "an execution that cannot start was ended",
        "Somebody other than this engine started an execution: of an unknown type, on a task queue without"
        " workers, or in a way that no worker gets its first task. It would wait for ever and keep its id from the"
        " engine's own.",
        "Nothing is lost. `sluiceway status` counts these, and shows who started the last one.",
    ),
    ErrorCode(
        "SLW003",
        "the keys for messages are missing or damaged",
        "The home has had keys with which the engine's processes seal their messages, and their file is gone or"
        " cannot be read. New ones would make everything that runs look like a stranger's: none are made by"
        " themselves.",
        "Restore `keys/messages.json` of the home from a backup. Without one, end what runs, remove"
        " `keys/messages.made`, and run `sluiceway up`: the engine begins with a new key.",
    ),
)
DECISIONS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW020",
        "an identity has a key already",
        "A second key of the same name would let somebody else decide under it.",
        "Replace the key on purpose: `sluiceway identity rotate NAME`.",
    ),
    ErrorCode(
        "SLW021",
        "an artifact or image was made after the approval",
        "An approval covers what existed when it was granted. This was made later, so nobody has approved it.",
        "Build first, then ask: let the approval need the job that builds.",
    ),
    ErrorCode(
        "SLW022",
        "a deployment is not what was approved",
        "Version, image, command, settings or artifact differ from those that the approval was granted for.",
        "Run it again, so that people are asked for what is deployed now.",
    ),
    ErrorCode(
        "SLW023",
        "the environment's rule changed after the approval",
        "A decision counts under the rule that its approver saw. The environment has another one now.",
        "Run it again, so that people are asked under the new rule.",
    ),
    ErrorCode(
        "SLW024",
        "not a key that may sign decisions",
        "The file cannot be read, or is of a kind that is too weak or unknown.",
        "Hand in PEM or a line of OpenSSH: ed25519, ECDSA (P-256, P-384, P-521) or RSA of 2,048 bits and more.",
    ),
    ErrorCode(
        "SLW025",
        "a signature does not fit the text of a decision",
        "The file is no SSH signature, its text is not what `sluiceway decision text` printed, or one of them changed.",
        "Print the text again, sign exactly that file, and keep both beside each other.",
    ),
    ErrorCode(
        "SLW026",
        "what an approval is about cannot be shown",
        "Its document is gone from the store, or the store does not answer. Nothing was signed.",
        "Try again; give --yes to sign without seeing it.",
    ),
    ErrorCode(
        "SLW027",
        "a key folder has another key of the same name",
        "Moving the key of the engine's home would overwrite it, so nothing was moved.",
        "Move the file by hand, under another name.",
    ),
    ErrorCode(
        "SLW028",
        "a deployment uses what is built after its approval",
        "An approval covers what exists when it is granted, so the deployment will be refused.",
        "Let the approval need the job that builds.",
    ),
    ErrorCode(
        "SLW029",
        "a request may reach the new version of one service and the old one of another",
        "Each router of services that are released as one draws lots for itself: their versions mix meanwhile.",
        "Write `routing: {header: 'x-sluiceway-set: NAME'}` for each service that others call; these pass it on.",
    ),
)
ISOLATION: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW030",
        "this machine cannot isolate process jobs as its installation demands",
        "SLUICEWAY_ISOLATION or a policy names a least level, and the kernel, the container or the user of the worker "
        "does not allow it.",
        "Run `sluiceway doctor`: it says which level works and what is missing for the next one. Or lower "
        "SLUICEWAY_ISOLATION, where jobs of strangers are none of your worries.",
    ),
    ErrorCode(
        "SLW031",
        "the network that jobs may have cannot be enforced here",
        "SLUICEWAY_JOB_NETWORK or a policy asks for less than everything. Only a network namespace keeps the rest away,"
        " and only a worker that is root beside the daemon can put a proxy into that of a container.",
        "`none` and `proxy` need the level `sandbox` for process jobs: run `sluiceway doctor` to see what it lacks, or"
        " use a container.",
    ),
    ErrorCode(
        "SLW032",
        "a job's files take more of the disk than they may",
        "Its workspace, home and temporary files, or the artifacts that it leaves with holes filled, exceed "
        "SLUICEWAY_JOB_DISK_MB.",
        "Write less, or raise SLUICEWAY_JOB_DISK_MB of the worker.",
    ),
)
SECRETS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW040",
        "a definition names a file or a variable of the worker",
        "Whoever writes a definition could name any file and variable that the engine can read, its keys included. A"
        " definition names secrets; where their values lie is a matter of the installation.",
        "Keep the value with `sluiceway secret set NAME`, and write NAME instead of `file:PATH` or `env:VARIABLE`.",
    ),
    ErrorCode(
        "SLW041",
        "a run may not have a secret",
        "A rule of the installation says which runs may have a secret: by pipeline and repository, event, branch or"
        " tag, environment, job and approval. None fits. A pull request from elsewhere gets no secret at all.",
        "`sluiceway secret explain NAME PIPELINE` says why; `sluiceway secret set NAME` with other options allows it.",
    ),
    ErrorCode(
        "SLW043",
        "the store of the secrets does not answer",
        "The server or the network is away, or its storage is sealed.",
        "The job waits for no store: run it again when the store answers.",
    ),
    ErrorCode(
        "SLW044",
        "the store of the secrets refuses this worker",
        "Its credentials are missing, expired or without the right to read; or a file of a secret cannot be read, or"
        " other users can read it.",
        "Give the worker credentials that may read the secret, as docs/secrets.md says.",
    ),
    ErrorCode(
        "SLW045",
        "the value of a secret cannot be used",
        "It is empty, is not text, has a NUL character, or is larger than a variable may be.",
        "Set it again; pass larger or binary values in Base64, or in parts.",
    ),
    ErrorCode(
        "SLW046",
        "the rule of a secret cannot be used",
        "A rule names pipelines and their repositories, or says that it is for what is started by hand. Rules that"
        " cannot be read allow nothing.",
        "`sluiceway secret set NAME --pipeline PIPELINE`; `sluiceway secret set --help` has all conditions.",
    ),
)
POLICY: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW050",
        "a policy does not let this push start a run",
        "A registered policy names the repositories, branches or tags whose pushes may start runs, and this push is"
        " none of them. The message names the policy.",
        "See what holds with `sluiceway policy explain PIPELINE`; an administrator registers another rule with"
        " `sluiceway apply`.",
    ),
    ErrorCode(
        "SLW051",
        "a policy does not allow this executor",
        "A registered policy names the executors of jobs, and the job asks for another one.",
        "Set `executor` to one that the message names.",
    ),
    ErrorCode(
        "SLW052",
        "an executor cannot do what a policy demands",
        "A registered policy names the network that jobs reach, and this executor has no way to keep jobs from more.",
        "Use `executor: process` with `network: none`, on a machine whose isolation is `sandbox`.",
    ),
    ErrorCode(
        "SLW053",
        "a policy does not allow files of this repository",
        "A registered policy names the other repositories whose components and templates a definition may use.",
        "Use a repository that the policy names, or keep the file in this repository.",
    ),
    ErrorCode(
        "SLW054",
        "a policy wants a gate before this deployment",
        "A registered policy requires a gate that judges scans before each deployment, and this job needs none.",
        "Let the deployment need a `gate` job, directly or through other jobs.",
    ),
    ErrorCode(
        "SLW055",
        "a suppression does not count",
        "Its approver is no registered identity, is of no group that a policy lets suppress, or has not signed this"
        " entry for this repository. The finding counts as if the entry were not there.",
        "Let a person who may suppress run `sluiceway suppression sign --as NAME`, and commit the signatures.",
    ),
    ErrorCode(
        "SLW056",
        "no such policy is registered",
        "Policies are registered by an administrator with `sluiceway apply`, and never read from a pushed commit.",
        "List them with `sluiceway policy list`.",
    ),
    ErrorCode(
        "SLW057",
        "a policy does not grant this secret",
        "The rule of the secret would allow it, and a registered policy names the secrets that such a run may have.",
        "See what holds with `sluiceway policy explain PIPELINE`.",
    ),
    ErrorCode(
        "SLW058",
        "a registered policy cannot be read",
        "The records hold a policy that this version does not understand. Nothing runs without knowing what it says.",
        "Register the policy again with `sluiceway apply FILE`.",
    ),
    ErrorCode(
        "SLW059",
        "the policy says nothing there, or less than it seems to",
        "A pattern can match nothing, a key has no effect beside another one, or the scope is chosen by the pusher.",
        "Change the key that the message names.",
    ),
)
ENVIRONMENTS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW060",
        "a text is no name",
        "What becomes an id, a path, a route, an image or a label holds lower-case letters, digits and -, has at most"
        " 63 characters, and begins and ends with a letter or digit. Anything else could mean something else there.",
        "Choose such a name; the message says what of yours is not allowed.",
    ),
    ErrorCode(
        "SLW061",
        "an environment is not registered",
        "What is deployed or approved needs rules that an administrator has set. A name that a pushed commit made up"
        " would have none.",
        "Register it: `sluiceway environment add NAME`, or `sluiceway apply FILE` for rules of its own.",
    ),
    ErrorCode(
        "SLW062",
        "an address belongs to another identity",
        "By addresses the people of a change are told apart, so each belongs to one identity.",
        "Take it from the other one first: `sluiceway identity email remove NAME ADDRESS`.",
    ),
    ErrorCode(
        "SLW063",
        "a text is no address",
        "An identity owns e-mail addresses as they stand in commits, and LOGIN@localhost for users of this machine.",
        "Write NAME@HOST, without a name before it and without brackets.",
    ),
    ErrorCode(
        "SLW064",
        "nobody owns an address of those who made a change",
        "Four eyes need to know whose they are: somebody who writes the address of nobody could be the approver.",
        "Register whose it is: `sluiceway identity email add NAME ADDRESS`; the message lists the addresses.",
    ),
    ErrorCode(
        "SLW065",
        "it is not known who made a change",
        "Its commits cannot be read, or there are too many of them to look at. What nobody looked at is nobody's.",
        "Make the repository readable, or let an administrator name commits whose history was looked at in the"
        " environment's `approval: {reviewed: [COMMIT]}`.",
    ),
    ErrorCode(
        "SLW066",
        "an environment demands an approval that was not given",
        "Its rules name people, or a number of approvals, and no approval for it was granted earlier in this run.",
        "Add an approval job for the environment, and let the deployment need it.",
    ),
    ErrorCode(
        "SLW067",
        "an environment is registered already",
        "`sluiceway environment add` gives a new environment the closed defaults, and replaces no rules.",
        "Change its rules with `sluiceway apply FILE`; see them with `sluiceway environment explain NAME`.",
    ),
)
STRANGERS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW070",
        "parts of a repository lie elsewhere",
        "Its objects or branches are links, are borrowed, or its `.git` names a repository that does not know of it."
        " What is unpacked from a stranger's archive could so show another repository of this machine to a job.",
        "Clone it: git clone --no-local FOLDER COPY. A borrowing repository: git repack -a -d, then remove"
        " objects/info/alternates.",
    ),
    ErrorCode(
        "SLW071",
        "the reader of a report was ended",
        "Reports of tests, coverage and other scanners are read by a process without rights, which took longer or more"
        " memory than it may, or crashed: the report is damaged, or made to do so.",
        "Make the report smaller, or split it.",
    ),
)
LISTENERS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW080",
        "a request to a port of the engine was refused",
        "The ports of the embedded Temporal server and its UI answer the user who runs the engine, outside of any job's"
        " sandbox. The UI answers only what that user's browser sends for this machine's own page: no page of another"
        " web site, and no name that somebody has pointed at this machine.",
        "Open the address that `sluiceway status` prints, as the user who started the engine.",
    ),
    ErrorCode(
        "SLW081",
        "the home of the engine is not private",
        "The home holds keys, logs and what the engine runs. It belongs to another user, or other users can read it and"
        " the file system does not allow to change that.",
        "Name a folder of your own in SLUICEWAY_HOME, on a file system with permissions.",
    ),
)

ALL = (
    *MESSAGES,
    *PERMITS,
    *DECISIONS,
    *ISOLATION,
    *NETWORK,
    *SECRETS,
    *POLICY,
    *ENVIRONMENTS,
    *STRANGERS,
    *LISTENERS,
)
