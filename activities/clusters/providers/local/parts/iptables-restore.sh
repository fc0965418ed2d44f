#!/bin/sh
# In front of iptables-restore for kube-router, in a node's network: once the rules of pods are there, and not before,
# their addresses are in the set @SET@. kube-router's own set has them first, and a moment without rules lets packets pass.
set -u
case " $* " in *" filter "*) ;; *) exec @RESTORE@ "$@" ;; esac
rules=$(mktemp) && now=$(mktemp) && had=$(mktemp) || exit 1
trap 'rm -f "$rules" "$now" "$had"' EXIT
cat >"$rules"
# -A KUBE-ROUTER-FORWARD ... -s ADDRESS ... -j KUBE-POD-FW-...
awk '/^-A KUBE-ROUTER-FORWARD .*-j KUBE-POD-FW-/ {
  gsub(/"[^"]*"/, "")
  for (at = 1; at < NF; at++) if ($at == "-s") { sub(/\/32$/, "", $(at + 1)); print $(at + 1) }
}' "$rules" | sort -u >"$now"
@IPSET@ -exist create @SET@ hash:ip || exit 1
@IPSET@ save @SET@ | awk '$1 == "add" { print $3 }' | sort -u >"$had"
comm -13 "$now" "$had" | sed 's/^/del @SET@ /' | @IPSET@ -exist restore || exit 1
@RESTORE@ "$@" <"$rules" || exit $?
comm -23 "$now" "$had" | sed 's/^/add @SET@ /' | @IPSET@ -exist restore
