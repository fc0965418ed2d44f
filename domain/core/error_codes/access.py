"""Errors of access: who may do what, logins, the server, the audit."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode
from domain.core.error_codes.exec_sessions import EXEC
from domain.core.error_codes.remote import REMOTE
from domain.core.error_codes.rights import RIGHTS
from domain.core.error_codes.server import SERVER

LOGIN: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW420",
        "this login is not accepted",
        "The link, signature, password or answer of the identity provider does not prove who you are, or you may not"
        " log in. Which of these it is, only the audit says: whoever guesses learns nothing.",
        "Try again, with a link that nobody has used, or with a key that you have registered; an administrator can"
        " look the attempt up, or invite you again.",
    ),
    ErrorCode(
        "SLW421",
        "too many logins are under way",
        "Whoever opens the login page makes the server remember a little until the login ends or ten minutes are over;"
        " strangers cannot make it remember more than 10,000 of these.",
        "Try again in ten minutes; the server's log says which addresses began them.",
    ),
    ErrorCode(
        "SLW422",
        "there is nothing to be signed here any more",
        "What you were asked to sign was signed already, is older than ten minutes, or was another session's.",
        "Begin again.",
    ),
    ErrorCode(
        "SLW423",
        "this request did not come from a page of this server",
        "A browser was made to send it by another site, or the page that sent it belongs to a session that is over.",
        "Load the page again, and press the button there; programs use a token, and no cookie.",
    ),
    ErrorCode(
        "SLW424",
        "this key cannot be added",
        "A key or passkey belongs to one person, and a person has at most 20.",
        "Use another key, or remove one that you no longer use.",
    ),
    ErrorCode(
        "SLW425",
        "this needs a login",
        "What you ask for is about your own login, and there is none: it has ended, or it never began.",
        "Log in, and try again.",
    ),
    ErrorCode(
        "SLW426",
        "this password is not taken",
        "A password is only for somebody who can have neither a passkey nor a key. It has 12 to 128 characters, and is"
        " not made of names, words and rows of keys that everybody guesses first.",
        "Register a key instead, or choose some words that have nothing to do with each other.",
    ),
    ErrorCode(
        "SLW427",
        "this token cannot be made",
        "A token is limited to actions and resources that exist, lives at most 366 days, and a person has at most 100.",
        "Name the actions and resources that it needs, and revoke tokens that nothing uses.",
    ),
    ErrorCode(
        "SLW428",
        "there is no such login or token",
        "It was ended or revoked already, or it never was.",
        "`sluiceway token list` and the page of your account show those that there are.",
    ),
    ErrorCode(
        "SLW429",
        "the identity provider does not answer as it has to",
        "It cannot be reached, its document or its keys are not what OpenID Connect asks for, or it sends to an address"
        " without https.",
        "Look at what it says; `sluiceway people provider check NAME` asks it again.",
    ),
    ErrorCode(
        "SLW430",
        "this is no identity provider",
        "A provider has a name, an issuer with https, the id of a client, and a secret in a file or in the environment"
        " of the server: secrets are in no database.",
        "Correct what the message names.",
    ),
    ErrorCode(
        "SLW431",
        "there is no such identity provider",
        "Nobody registered a provider of this name, or somebody has removed it.",
        "Log in another way; `sluiceway people provider list` shows those that there are.",
    ),
    ErrorCode(
        "SLW432",
        "this issuer is not trusted",
        "A trust names one issuer with https, an audience of this server, and whose jobs they are: a star stands for"
        " one part of the subject, and not for its owner. It has at most the rights of one person here.",
        "Write out the owner and the repository, the namespace or the project of the jobs.",
    ),
    ErrorCode(
        "SLW433",
        "you cannot disable yourself",
        "Whoever does would lock themself out, and perhaps the last administrator.",
        "Let another administrator do it, or give `sluiceway people disable NAME` on the host.",
    ),
)
"""SLW420 to SLW434."""
KEYS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW435",
        "the signer does not register this",
        "Keys, groups, addresses and the rules of environments are in the signer's log. There they get by hand, in the"
        " home, or with a proof that the signer verifies itself: another key of the person, an administrator's key, or"
        " the one-time code of an invitation. Who writes to the database changes nothing of it.",
        "Sign it with a key that the signer knows, or give the command in the home; `sluiceway signer log` shows what"
        " it has refused, and why.",
    ),
    ErrorCode(
        "SLW436",
        "a decision is sent by whoever has signed it",
        "The signature is verified, whoever sends it; but the audit says who has decided from where, and so a server"
        " takes a decision from its approver alone.",
        "Log in as the approver, or sign with your own key.",
    ),
    ErrorCode(
        "SLW437",
        "nothing waits under this code",
        "A command line that asks to be let in shows a code for ten minutes. It counts once: it may be over, refused"
        " or let in already, or it was typed with another letter.",
        "Read it from your terminal again, or run `sluiceway login URL` again.",
    ),
    ErrorCode(
        "SLW447",
        "what is to be approved has changed",
        "The request is not the one that you looked at: its evidence, its content or its rule is another now. Nothing"
        " was decided.",
        "Look at it again, and decide on what it is now.",
    ),
)
"""SLW435 to SLW449."""
AUDIT: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW480",
        "the audit cannot be written",
        "What an entry is about and the entry are kept together or not at all: without the entry, nothing is done.",
        "Look at the reason: mostly a full disk, or a database that cannot be reached. Then try again.",
    ),
    ErrorCode(
        "SLW481",
        "the audit is damaged",
        "An entry was changed, left out or swapped, or the log is shorter than a checkpoint that somebody has kept.",
        "`sluiceway audit verify` names each place. Keep the database as it is; restore a copy beside it and compare.",
    ),
    ErrorCode(
        "SLW482",
        "this is not the log that was signed before",
        "The signer signs a checkpoint of the audit only where the log begins with everything that it has signed"
        " before. The database was rewritten, its end was cut off, or an older copy of it was restored.",
        "`sluiceway audit verify` shows where it differs. Bring the entries back from a newer copy of the records.",
    ),
    ErrorCode(
        "SLW483",
        "there is no such entry or checkpoint",
        "The log has fewer entries, or no checkpoint covers them yet: one is made each minute while the engine runs.",
        "Wait a minute and try again, or start the engine with `sluiceway up`. A number that was there before and is"
        " gone was cut off: `sluiceway audit verify`.",
    ),
    ErrorCode(
        "SLW484",
        "whoever started the run may not do this",
        "Each effect of a run is asked about with the rights that its starter has at that moment: a person, or the"
        " repository that a push came to. A grant was taken back, or there never was one.",
        "The message names the rule. `sluiceway access explain` shows what is missing; start the run again when it is"
        " granted.",
    ),
    ErrorCode(
        "SLW486",
        "the rights cannot be read",
        "An effect asks for the rights of its moment, and what cannot be asked is not done. It is tried again.",
        "Look at the reason: mostly a database that is busy or cannot be reached.",
    ),
)
"""SLW480 to SLW489."""
CONSOLE: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW490",
        "a value of a form cannot be this",
        "A parameter of a run has a kind in its definition: a number, a choice, yes or no. What was typed is none of"
        " its values, or a required one is empty. Nothing was started.",
        "Correct the value: the form still has everything that was typed.",
    ),
)
"""SLW490 to SLW499."""
ALL = (*RIGHTS, *LOGIN, *KEYS, *SERVER, *EXEC, *REMOTE, *AUDIT, *CONSOLE)
