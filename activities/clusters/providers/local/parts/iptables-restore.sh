#!/bin/sh
# In front of iptables-restore for kube-router, in a node's network: once the rules of pods are there, and not before,
# their addresses are in the set @SET@. kube-router's own set has them first, and a moment without rules lets packets pass.
set -u
case " $* " in *" filter "*) ;; *) exec @RESTORE@ "$@" ;; esac
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
cat >"$here/rules" && : >"$here/gone" && : >"$here/new" || exit 1
@IPSET@ save @SET@ >"$here/had" || exit 1
# had: add SET ADDRESS; rules: -A KUBE-ROUTER-FORWARD ... -s ADDRESS ... -j KUBE-POD-FW-...
awk -v here="$here" '
  FILENAME == here "/had" { if ($1 == "add") had[$3]; next }
  /^-A KUBE-ROUTER-FORWARD .*-j KUBE-POD-FW-/ {
    gsub(/"[^"]*"/, "")
    for (at = 1; at < NF; at++) if ($at == "-s") { sub(/\/32$/, "", $(at + 1)); has[$(at + 1)] }
  }
  END {
    for (one in had) if (!(one in has)) print "del @SET@", one >(here "/gone")
    for (one in has) if (!(one in had)) print "add @SET@", one >(here "/new")
  }' "$here/had" "$here/rules" || exit 1
@IPSET@ -exist restore <"$here/gone" || exit 1
@RESTORE@ "$@" <"$here/rules" || exit $?
@IPSET@ -exist restore <"$here/new"
