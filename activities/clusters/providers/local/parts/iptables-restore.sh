#!/bin/sh
# In front of iptables-restore for kube-router, in a node's network. A pod may connect once its address is in the set
# @KNOWN@, and there it is once its rules are there: kube-router's own set has it before. Rules that let everything pass
# in one direction count when they come again (@SEEN@): the first may be of before the pod was matched with policies.
set -u
case " $* " in *" filter "*) ;; *) exec @RESTORE@ "$@" ;; esac
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cat >"$here/rules" && : >"$here/gone" && : >"$here/new" || exit 1
{ @IPSET@ save @KNOWN@ && @IPSET@ save @SEEN@; } >"$here/had" || exit 1
# had: add SET ADDRESS; rules: -A KUBE-ROUTER-FORWARD ... -s ADDRESS ... -j KUBE-POD-FW-..., and of each such chain
awk -v here="$here" '
  FILENAME == here "/had" { if ($1 == "add") had[$2, $3] = $3; next }
  { gsub(/"[^"]*"/, "") }
  $2 ~ /^KUBE-POD-FW-/ && / -j KUBE-NWPLCY-DEFAULT/ { open[$2]; next }
  $2 == "KUBE-ROUTER-FORWARD" && / -j KUBE-POD-FW-/ {
    of = ""
    for (at = 3; at < NF; at++) {
      if ($at == "-s") { of = $(at + 1); sub(/\/32$/, "", of) }
      if ($at == "-j") chain = $(at + 1)
    }
    if (of != "") chains[of] = chain
  }
  END {
    for (key in had) if (!(had[key] in chains)) { split(key, part, SUBSEP); print "del", part[1], had[key] >(here "/gone") }
    for (of in chains) {
      if (!(("@SEEN@", of) in had)) print "add @SEEN@", of >(here "/new")
      if (("@KNOWN@", of) in had) continue
      if (!(chains[of] in open) || ("@SEEN@", of) in had) print "add @KNOWN@", of >(here "/new")
    }
  }' "$here/had" "$here/rules" || exit 1
@IPSET@ -exist restore <"$here/gone" || exit 1
@RESTORE@ "$@" <"$here/rules" || exit $?
@IPSET@ -exist restore <"$here/new"
