"""The objects that Argo Rollouts and Flagger work on, with the settings that their documentation recommends, made faster.

Argo Rollouts: https://argo-rollouts.readthedocs.io/en/stable/features/canary/ and .../analysis/
Flagger: https://docs.flagger.app/usage/how-it-works and .../tutorials/gatewayapi-progressive-delivery
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.core.documents import Manifest

NAMESPACE, SERVICE, HOST = "peers", "shop", "shop.example.test"
PORT, REPLICAS = 8080, 2
SIZE: Manifest = {"cpu": "200m", "memory": "64Mi"}
"""Of each pod; the namespace has a quota."""
CONFINED: Manifest = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What the namespace demands of pods; ours have it by themselves."""
LEAST_GOOD = 0.99
"""Both peers roll back below this share of good answers, three looks in a row as their examples have it."""
PLUGIN = "argoproj-labs/gatewayAPI"


def pod_template(image: str, env: Mapping[str, str]) -> Manifest:
    """The pod that every tool releases."""
    container: Manifest = {
        "name": "shop",
        "image": image,
        "ports": [{"name": "http", "containerPort": PORT}],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"requests": SIZE, "limits": SIZE},
        "securityContext": CONFINED,
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": PORT}, "periodSeconds": 1},
    }
    return {"metadata": {"labels": {"app": SERVICE}}, "spec": {"containers": [container]}}


def service(name: str) -> Manifest:
    """A Service over the shop's pods; Argo Rollouts narrows its selector."""
    return _made("v1", "Service", name, {"selector": {"app": SERVICE}, "ports": [{"port": PORT, "targetPort": PORT}]})


def route(gateway: str, *backends: str) -> Manifest:
    """An HTTPRoute from the gateway (NAMESPACE/NAME) to the Services."""
    namespace, _, name = gateway.partition("/")
    refs = [
        {"name": backend, "port": PORT, "weight": 100 if not index else 0} for index, backend in enumerate(backends)
    ]
    spec: Manifest = {
        "parentRefs": [{"name": name, "namespace": namespace}],
        "hostnames": [HOST],
        "rules": [{"backendRefs": refs}],
    }
    return _made("gateway.networking.k8s.io/v1", "HTTPRoute", SERVICE, spec)


def good_share(service: str, window: str) -> str:
    """PromQL: the share of answers below 500 by Traefik's counters of a Service, however a route leads to it."""
    chosen = f'service=~"(.*-svc-)?{NAMESPACE}-{service}(-http)?-[0-9]+@kubernetesgateway"'
    good = f'sum(rate(traefik_service_requests_total{{{chosen},code!~"5.."}}[{window}]))'
    return f"{good} / sum(rate(traefik_service_requests_total{{{chosen}}}[{window}]))"


def rollout(image: str, env: Mapping[str, str]) -> Manifest:
    """Argo Rollouts: 10, 25, 50 % with 20 s pauses, analysed in the background from the first step on."""
    pause: Manifest = {"pause": {"duration": "20s"}}
    steps: list[Manifest] = []
    for weight in (10, 25, 50):
        steps += [{"setWeight": weight}, pause]
    canary: Manifest = {
        "canaryService": f"{SERVICE}-canary",
        "stableService": f"{SERVICE}-stable",
        "trafficRouting": {"plugins": {PLUGIN: {"httpRoute": SERVICE, "namespace": NAMESPACE}}},
        "analysis": {"templates": [{"templateName": "good-share"}], "startingStep": 1},
        "steps": steps,
    }
    spec: Manifest = {
        "replicas": REPLICAS,
        "selector": {"matchLabels": {"app": SERVICE}},
        "template": pod_template(image, env),
        "strategy": {"canary": canary},
    }
    return _made("argoproj.io/v1alpha1", "Rollout", SERVICE, spec)


def analysis_template(prometheus: str) -> Manifest:
    """Argo Rollouts: three failed looks roll back; without traffic yet, a look counts as good."""
    query = good_share(f"{SERVICE}-canary", "10s")
    metric: Manifest = {
        "name": "good-share",
        "interval": "10s",
        "initialDelay": "10s",
        "failureLimit": 2,
        "successCondition": f"len(result) == 0 || isNaN(result[0]) || result[0] >= {LEAST_GOOD}",
        "provider": {"prometheus": {"address": prometheus, "query": query}},
    }
    return _made("argoproj.io/v1alpha1", "AnalysisTemplate", "good-share", {"metrics": [metric]})


def plugin_config(location: str) -> Manifest:
    """Argo Rollouts: where its plug-in for Gateway API is."""
    text = f'- name: "{PLUGIN}"\n  location: "file://{location}"\n'
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argo-rollouts-config", "namespace": "argo-rollouts"},
        "data": {"trafficRouterPlugins": text},
    }


def deployment(image: str, env: Mapping[str, str]) -> Manifest:
    """Flagger: the Deployment that it copies as `shop-primary`."""
    spec: Manifest = {
        "replicas": REPLICAS,
        "selector": {"matchLabels": {"app": SERVICE}},
        "template": pod_template(image, env),
    }
    return _made("apps/v1", "Deployment", SERVICE, spec)


def canary(gateway: str) -> Manifest:
    """Flagger: steps of 10 up to 50 % each 10 s, its shortest interval; three failed looks roll back."""
    namespace, _, name = gateway.partition("/")
    metric: Manifest = {
        "name": "good-share",
        "templateRef": {"name": "good-share", "namespace": NAMESPACE},
        "thresholdRange": {"min": 100 * LEAST_GOOD},
        "interval": "10s",
    }
    spec: Manifest = {
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": SERVICE},
        "progressDeadlineSeconds": 120,
        "service": {
            "port": PORT,
            "targetPort": PORT,
            "hosts": [HOST],
            "gatewayRefs": [{"name": name, "namespace": namespace}],
        },
        "analysis": {"interval": "10s", "threshold": 3, "maxWeight": 50, "stepWeight": 10, "metrics": [metric]},
    }
    return _made("flagger.app/v1beta1", "Canary", SERVICE, spec)


def metric_template(prometheus: str) -> Manifest:
    """Flagger: the same share, in percent; it has no check of its own for Gateway API."""
    query = f"100 * ({good_share(f'{SERVICE}-canary', '{{ interval }}')})"
    return _made(
        "flagger.app/v1beta1",
        "MetricTemplate",
        "good-share",
        {"provider": {"type": "prometheus", "address": prometheus}, "query": query},
    )


def _made(api_version: str, kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
