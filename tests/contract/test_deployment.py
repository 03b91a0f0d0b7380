"""Files for deployment hold together: they can be read, and name settings, commands and parts that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner
from typer.main import get_command

from kitsu_api.cli import app
from kitsu_api.settings import Settings

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SETTINGS = {
    alias.upper()
    for field in Settings.model_fields.values()
    for alias in field.validation_alias.choices  # type: ignore[union-attr]
}

DOCUMENTS: list[dict[str, Any]] = [
    document
    for path in sorted(KUBERNETES.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
PODS = {
    document["metadata"]["name"]: document["spec"]["template"]["spec"]
    for document in DOCUMENTS
    if document["kind"] in ("Deployment", "Job")
}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def exists(command: list[str]) -> bool:
    """Whether `kitsu-api` knows a command and its options."""
    assert command[0].endswith("kitsu-api")
    words = [word for word in command[1:] if not word.startswith("-")]
    options = [word for word in command[1:] if word.startswith("--")]
    depth = 2 if words[0] == "db" else 1
    done = CliRunner().invoke(get_command(app), [*words[:depth], "--help"])
    return done.exit_code == 0 and all(option in done.output for option in options)


def test_each_document_of_kubernetes_is_one():
    for document in DOCUMENTS:
        assert document["apiVersion"]
        assert document["kind"]
    listed = next(each for each in DOCUMENTS if each["kind"] == "Kustomization")["resources"]
    assert {*listed, "kustomization.yaml"} == {path.name for path in KUBERNETES.glob("*.yaml")}


def test_the_api_and_media_workers_are_scaled_apart():
    assert PODS.keys() == {"api", "worker-quick", "worker-media", "migrate"}
    scaled = {
        document["spec"]["scaleTargetRef"]["name"]
        for document in DOCUMENTS
        if document["kind"] == "HorizontalPodAutoscaler"
    }
    assert scaled == {"api", "worker-media"}


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_has_no_rights_that_it_does_not_need(name):
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"]
        assert container["resources"]["limits"]["memory"]
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            volume["name"] for volume in pod["volumes"]
        }
        assert exists(container["command"])


def test_what_selects_pods_finds_some():
    labels = [
        document["spec"]["template"]["metadata"]["labels"]
        for document in DOCUMENTS
        if document["kind"] == "Deployment"
    ]
    for document in DOCUMENTS:
        if document["kind"] in ("Deployment", "PodDisruptionBudget"):
            assert document["spec"]["selector"]["matchLabels"] in labels
        if document["kind"] == "Service":
            assert document["spec"]["selector"] in labels


def test_settings_that_are_named_exist():
    (kubernetes,) = (document["data"] for document in DOCUMENTS if document["kind"] == "ConfigMap")
    assert kubernetes.keys() <= SETTINGS
    assert all(isinstance(value, str) for value in kubernetes.values())
    assert not any(re.search(r"PASSWORD|SECRET|_KEY|URL", name) for name in kubernetes)
    for name in ("api", "worker", "worker-media", "migrate"):
        assert COMPOSE["services"][name]["environment"].keys() <= SETTINGS
    example = (ROOT / "deploy" / "systemd" / "environment.example").read_text()
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) <= SETTINGS


def test_containers_of_compose_run_commands_that_exist_and_wait_for_what_they_need():
    services = COMPOSE["services"]
    assert services.keys() >= {"postgres", "valkey", "migrate", "api", "worker", "worker-media"}
    for name in ("migrate", "api", "worker", "worker-media"):
        assert exists(services[name]["command"])
        assert services[name]["depends_on"].keys() <= services.keys()
    queues = {services[name]["command"][-1] for name in ("worker", "worker-media")}
    assert queues == {"quick", "media"}
    for name in ("postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]
        assert "ports" not in services[name]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])


def test_a_web_client_is_added_to_the_api_alone():
    added = yaml.safe_load((ROOT / "deploy" / "compose.web.yaml").read_text())["services"]
    assert added.keys() == {"api"}
    assert added["api"]["environment"].keys() <= SETTINGS
    assert added["api"]["volumes"][0].endswith(f":{added['api']['environment']['KITSU_WEB_FOLDER']}:ro")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_of_systemd_runs_a_command_that_exists_as_nobody_special(path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign, assignment]
    unit.read_string(path.read_text())
    service = unit["Service"]
    assert service["User"] == "kitsu"
    assert service["NoNewPrivileges"] == "true"
    assert service["ProtectSystem"] == "strict"
    assert exists(service["ExecStart"].split())
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_the_image_runs_as_nobody_special_and_says_how_it_does():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    user = next(line for line in reversed(lines) if line.startswith("USER"))
    assert user == "USER 1000"
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert any("--require-hashes" in line for line in lines)


# --- checkers of others, from packages: what they find is a failure -----------------------------------


def checked(program: str, *arguments: str) -> None:
    """Run a checker that is installed beside Python; it has to find nothing."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_as_hadolint_wants_it():
    checked("hadolint", "Dockerfile")


def test_yaml_is_as_yamllint_wants_it():
    rules = "{extends: default, rules: {line-length: disable, document-start: disable, braces: disable}}"
    checked("yamllint", "--strict", "--config-data", rules, "compose.yaml", "deploy", "mkdocs.yml")


def test_compose_is_as_its_schema_wants_it():
    files = ("compose.yaml", "deploy/compose.web.yaml")
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files)


@pytest.mark.parametrize(
    "document", [each for each in DOCUMENTS if each["kind"] != "Kustomization"], ids=lambda each: each["kind"]
)
def test_manifests_are_as_kubernetes_wants_them(document):
    kubernetes_validate.validate(document, "1.31", strict=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed.")
def test_units_are_as_systemd_wants_them(tmp_path):
    names = []
    for path in UNITS:
        # a template is looked at as one of its instances, with a program that is there
        name = path.name.replace("@.", "@8001.")
        program = re.sub(r"(?m)^(Exec\w+=)/opt/kitsu/bin/kitsu-api", r"\1/bin/true", path.read_text())
        (tmp_path / name).write_text(program)
        names.append(str(tmp_path / name))
    done = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "kitsu" in line]
    assert (done.returncode, told) == (0, [])
