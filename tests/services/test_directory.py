"""Passwords and people of a directory: Debian's `slapd`, started for these tests."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from ldap3 import Connection, Server
from pydantic import SecretStr
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, Person
from kitsu_api.services.ldap.directory import Directory, DirectoryError, Entry
from kitsu_api.services.ldap.synchronising import LicenceFull, synchronise
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork, unit_of_work
from tests import factories
from tests.factories import PASSWORD
from tests.routers.auth.steps import log_in, set_up_totp, totp_code

SLAPD = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap")
SCHEMAS = Path("/etc/ldap/schema")
needs_slapd = pytest.mark.skipif(
    SLAPD is None or not SCHEMAS.is_dir(), reason="slapd is not installed (apt-get install slapd)"
)

ROOT, SUFFIX = "cn=root,dc=studio,dc=test", "dc=studio,dc=test"
READER = f"cn=reader,{SUFFIX}"
LIMITED = f"cn=limited,{SUFFIX}"
"""Whoever reads by this name is told of two people at most."""
BASE, AD = f"ou=people,{SUFFIX}", f"ou=windows,{SUFFIX}"
THEIRS = "the directory's own"
"""The password of everybody in the directory."""

CONFIGURATION = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
include {schemas}/nis.schema
attributetype ( 1.3.6.1.4.1.4203.666.1.1 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.1.2 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.3.1 NAME 'user' SUP inetOrgPerson STRUCTURAL
  MAY ( sAMAccountName $ userAccountControl ) )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
argsfile {folder}/args
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
# names without a password are let in as strangers: the server must not take that for proof
allow bind_anon_cred
database mdb
maxsize 10485760
suffix "{suffix}"
rootdn "{root}"
limits dn.exact="{limited}" size.hard=2 size.prtotal=2
rootpw secret
directory {folder}/data
access to attrs=userPassword by anonymous auth
access to * by users read
"""


def _certificate(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(pem)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Slapd:
    """A running directory."""

    port: int
    tls_port: int
    certificate: Path

    def settings(self, settings: Settings, **changes: Any) -> dict[str, Any]:
        known = {
            "auth_strategy": "auth_remote_ldap",
            "ldap_host": "127.0.0.1",
            "ldap_port": self.port,
            "ldap_base_dn": BASE,
            "email_domain": "studio.test",
        }
        return {**known, **changes}


def _fill(connection: Connection) -> None:
    def person(uid: str, first: str, last: str, **more: Any) -> None:
        values = {"givenName": first, "sn": last, "cn": f"{first} {last}", "userPassword": THEIRS, **more}
        assert connection.add(f"uid={uid},{BASE}", ["inetOrgPerson"], {"uid": uid, **values})

    def user(login: str, control: int = 512) -> None:
        values = {"sn": "Win", "userPassword": THEIRS, "sAMAccountName": login, "userAccountControl": control}
        assert connection.add(f"cn={login} Win,{AD}", ["user"], {"mail": f"{login}@studio.test", **values})

    connection.add(SUFFIX, ["dcObject", "organization"], {"o": "Studio", "dc": "studio"})
    for unit in ("people", "windows", "groups"):
        connection.add(f"ou={unit},{SUFFIX}", ["organizationalUnit"])
    reader = {"userPassword": THEIRS}
    for name in (READER, LIMITED):
        assert connection.add(name, ["organizationalRole", "simpleSecurityObject"], reader)
    person("alice", "Alice", "Ames", mail="alice@studio.test")
    person("bob", "Bob", "Burns", mail="bob@studio.test")
    person("carol", "Carol", "Cole")
    members = {"member": [f"uid=alice,{BASE}"]}
    assert connection.add(f"cn=artists,ou=groups,{SUFFIX}", ["groupOfNames"], members)
    posix = {"gidNumber": 5, "memberUid": ["bob"]}
    assert connection.add(f"cn=posix,ou=groups,{SUFFIX}", ["posixGroup"], posix)
    user("wendy")
    user("walter", control=514)
    user("PC$", control=4096)
    windows = {"member": [f"cn=wendy Win,{AD}"]}
    assert connection.add(f"cn=windows,ou=groups,{SUFFIX}", ["groupOfNames"], windows)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory) -> Iterator[Slapd]:
    folder = tmp_path_factory.mktemp("slapd")
    (folder / "data").mkdir()
    _certificate(folder)
    text = CONFIGURATION.format(schemas=SCHEMAS, folder=folder, suffix=SUFFIX, root=ROOT, limited=LIMITED)
    (folder / "slapd.conf").write_text(text)
    port, tls_port = _free_port(), _free_port()
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
    command = [SLAPD, "-h", urls, "-f", str(folder / "slapd.conf"), "-d", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        with Connection(Server("127.0.0.1", port), ROOT, "secret", auto_bind=True) as connection:
            _fill(connection)
        yield Slapd(port, tls_port, folder / "cert.pem")
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def studio(configure, slapd, settings, valkey) -> Callable[..., Settings]:
    """`studio(...)`: settings with the directory."""
    return lambda **changes: configure(**slapd.settings(settings, **changes))


READS = {"ldap_user": READER, "ldap_password": SecretStr(THEIRS)}
WINDOWS = {"ldap_is_ad_simple": True, "ldap_base_dn": AD, **READS}


# --- signing in -------------------------------------------------------------------------------------


@needs_slapd
@pytest.mark.parametrize("reads", [{}, READS], ids=["as the person", "by a reader"])
async def test_the_directorys_password_opens_the_account(client, make, studio, reads):
    studio(**reads)
    person = await make(factories.person(email="alice@studio.test", password=PASSWORD))
    assert (await log_in(client, person, THEIRS)).status_code == 200
    for wrong in (PASSWORD, "wrong", "default"):
        answer = await log_in(client, person, wrong)
        assert answer.status_code == 400
        assert "default_password" not in answer.json()


@needs_slapd
async def test_the_name_in_the_directory_is_the_link_else_the_desktop_login(client, make, studio):
    studio()
    linked = await make(factories.person(email="a@x.test", ldap_uid="alice", desktop_login="bob"))
    other = await make(factories.person(email="b@x.test", desktop_login="bob"))
    assert (await log_in(client, linked, THEIRS)).status_code == 200
    assert (await log_in(client, other, THEIRS)).status_code == 200


@needs_slapd
async def test_two_people_of_one_name_are_not_one(client, make, studio):
    studio()
    stranger = await make(factories.person(email="alice@partner.test", role="admin"))
    assert (await log_in(client, stranger, THEIRS)).status_code == 400


@needs_slapd
async def test_failures_count_and_lock_as_with_passwords_kept_here(client, make, studio, session):
    studio()
    person = await make(factories.person(email="alice@studio.test"))
    for _ in range(5):
        await log_in(client, person, "wrong")
    assert await session.scalar(select(Person.login_failed_attemps).where(Person.id == person.id)) == 5
    answer = await log_in(client, person, THEIRS)
    assert answer.json()["too_many_failed_login_attemps"]


@needs_slapd
async def test_a_second_factor_is_asked_for_as_with_passwords_kept_here(client, make, studio, sign_in):
    studio()
    person = await make(factories.person(email="alice@studio.test"))
    secret, _ = await set_up_totp(client, sign_in(person))
    assert (await log_in(client, person, THEIRS)).json()["missing_OTP"]
    assert (await log_in(client, person, THEIRS, totp=totp_code(secret))).status_code == 200


@needs_slapd
async def test_a_closed_account_stays_closed(client, make, studio):
    studio()
    person = await make(factories.person(email="alice@studio.test", active=False))
    assert (await log_in(client, person, THEIRS)).status_code == 401


@needs_slapd
async def test_excluded_accounts_keep_their_password_here(client, make, studio):
    studio(ldap_excluded_accounts=("ALICE@studio.test",))
    person = await make(factories.person(email="alice@studio.test"))
    assert (await log_in(client, person, PASSWORD)).status_code == 200
    assert (await log_in(client, person, THEIRS)).status_code == 400


@needs_slapd
@pytest.mark.parametrize(
    ("group", "inside", "outside"),
    [
        (f"cn=artists,ou=groups,{SUFFIX}", "alice", "bob"),
        (f"cn=posix,ou=groups,{SUFFIX}", "bob", "alice"),
    ],
)
async def test_the_group_decides(settings, slapd, group, inside, outside):
    for reads in ({}, READS):
        known = settings.model_copy(update=slapd.settings(settings, ldap_group=group, **reads))
        assert await Directory(known).check(inside, THEIRS) is not None
        assert await Directory(known).check(outside, THEIRS) is None
    assert [entry.uid for entry in await Directory(known).people()] == [inside]


@needs_slapd
async def test_a_group_that_is_not_there_has_no_members(settings, slapd):
    known = settings.model_copy(update=slapd.settings(settings, ldap_group="nobody", **READS))
    assert await Directory(known).check("alice", THEIRS) is None
    assert await Directory(known).people() == []


@needs_slapd
@pytest.mark.parametrize("wrong", [{"ldap_user": LIMITED}, {"ldap_base_dn": f"ou=nowhere,{SUFFIX}"}])
async def test_a_directory_that_does_not_name_everybody_is_not_taken_at_its_word(settings, slapd, wrong):
    known = settings.model_copy(update=slapd.settings(settings, **{**READS, **wrong}))
    with pytest.raises(DirectoryError, match="does not name all"):
        await Directory(known).people()


@needs_slapd
@pytest.mark.parametrize("reads", [{}, READS], ids=["as the person", "by a reader"])
async def test_names_and_passwords_of_strangers_are_no_syntax(settings, slapd, reads):
    directory = Directory(settings.model_copy(update=slapd.settings(settings, **reads)))
    assert await directory.check("alice", THEIRS) is not None
    for name in ("*", "al*", "alice)(uid=*", "alice,ou=people", "", "alice\x00", "\\", "(", "+"):
        assert await directory.check(name, THEIRS) is None
    for password in ("", "\x00", THEIRS + "\x00", "*"):
        assert await directory.check("alice", password) is None


@needs_slapd
async def test_certificates_count(settings, slapd):
    values = slapd.settings(settings, ldap_ssl=True, ldap_port=slapd.tls_port)
    trusted = settings.model_copy(update={**values, "ldap_ca_file": slapd.certificate})
    assert await Directory(trusted).check("alice", THEIRS) is not None
    with pytest.raises(DirectoryError):
        await Directory(settings.model_copy(update=values)).check("alice", THEIRS)


@needs_slapd
async def test_an_active_directory_has_other_names_and_closed_accounts(settings, slapd):
    directory = Directory(settings.model_copy(update=slapd.settings(settings, **WINDOWS)))
    found = await directory.check("WENDY", THEIRS)
    assert found is not None
    assert (found.uid, found.email, found.first_name) == ("wendy", "wendy@studio.test", "wendy")
    assert await directory.check("walter", THEIRS) is None
    assert [entry.uid for entry in await directory.people()] == ["wendy"]
    group = {"ldap_group": f"cn=windows,ou=groups,{SUFFIX}"}
    grouped = Directory(settings.model_copy(update=slapd.settings(settings, **WINDOWS, **group)))
    assert await grouped.check("wendy", THEIRS) is not None
    other = {"ldap_group": f"cn=artists,ou=groups,{SUFFIX}"}
    grouped = Directory(settings.model_copy(update=slapd.settings(settings, **WINDOWS, **other)))
    assert await grouped.check("wendy", THEIRS) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ldap_is_ad": True, "ldap_domain": "STUDIO"}, "STUDIO\\ada"),
        ({"ldap_is_ad_simple": True, "ldap_domain": "studio.test"}, "ada@studio.test"),
        ({"ldap_is_ad_simple": True, "ldap_domain": "STUDIO"}, "STUDIO\\ada"),
        ({}, f"uid=ada,{BASE}"),
    ],
)
def test_each_kind_of_directory_has_its_names(settings, values, expected):
    known = settings.model_copy(update={"ldap_base_dn": BASE, **values})
    assert Directory(known)._bind_name("ada") == expected


async def test_stolen_hashes_are_no_password(settings):
    known = settings.model_copy(update={"ldap_is_ad": True, "ldap_host": "127.0.0.1", "ldap_port": 9})
    assert await Directory(known).check("ada", f"{'a' * 32}:{'b' * 32}") is None
    with pytest.raises(DirectoryError):
        await Directory(known).check("ada", "a password")


@pytest.mark.parametrize(
    ("fallback", "role", "status"), [(True, "admin", 200), (True, "user", 503), (False, "admin", 503)]
)
async def test_admins_may_get_in_while_the_directory_is_away(client, make, configure, fallback, role, status):
    values = {"ldap_host": "127.0.0.1", "ldap_port": 9, "ldap_fallback": fallback}
    configure(auth_strategy="auth_remote_ldap", **values)
    person = await make(factories.person(role=role))
    answer = await log_in(client, person, PASSWORD)
    assert answer.status_code == status
    assert "127.0.0.1" not in answer.text
    assert (await log_in(client, person, "wrong")).status_code == (400 if status == 200 else 503)


# --- synchronising ----------------------------------------------------------------------------------


def entry(uid: str, **values: str) -> Entry:
    known = {"email": f"{uid}@studio.test", "first_name": uid.title(), "last_name": "Known"}
    return Entry(f"uid={uid},{BASE}", uid, **{**known, **values})


@pytest.fixture
def synchronised(app, settings, sessions):
    """`await synchronised(entries, close_missing=..., user_limit=...)`: what it did."""

    async def run(entries: list[Entry], *, close_missing: bool = False, **changes: Any) -> Any:
        known = settings.model_copy(update=changes)
        async with sessions() as session, unit_of_work(session, app.state.outbox, settings=known) as uow:
            assert isinstance(uow, UnitOfWork)
            return await synchronise(uow, entries, close_missing=close_missing)

    return run


async def test_new_people_are_artists_without_a_password(synchronised, session):
    tally = await synchronised([entry("zoe"), entry("yan")])
    assert (tally.added, tally.updated, tally.skipped) == (2, 0, [])
    zoe = (await session.scalars(select(Person).where(Person.ldap_uid == "zoe"))).one()
    assert (zoe.role, zoe.active, zoe.password, zoe.is_generated_from_ldap) == ("user", True, None, True)
    assert (zoe.email, zoe.first_name, zoe.desktop_login) == ("zoe@studio.test", "Zoe", "zoe")
    names = (await session.scalars(select(ApiEvent.name))).all()
    assert names.count("person:new") == 2
    again = await synchronised([entry("zoe"), entry("yan")])
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)


async def test_who_is_here_is_linked_and_keeps_role_and_state(synchronised, make, session):
    by_email = await make(factories.person(email="Zoe@studio.test", role="manager", active=False))
    by_login = await make(factories.person(email="old@studio.test", desktop_login="yan", role="admin"))
    tally = await synchronised([entry("zoe"), entry("yan")])
    assert (tally.added, tally.updated) == (0, 2)
    rows = {row.id: row for row in await session.scalars(select(Person))}
    assert (rows[by_email.id].role, rows[by_email.id].active) == ("manager", False)
    assert (rows[by_email.id].ldap_uid, rows[by_email.id].first_name) == ("zoe", "Zoe")
    assert (rows[by_login.id].role, rows[by_login.id].email) == ("admin", "yan@studio.test")
    assert rows[by_login.id].password == by_login.password
    assert not rows[by_login.id].is_generated_from_ldap


async def test_excluded_protected_and_clashing_entries_are_left_out(synchronised, make, session):
    root = await make(factories.person(email="root@studio.test", first_name="Ro", role="admin"))
    await make(factories.person(email="guest@studio.test", is_guest=True))
    await make(factories.person(email="linked@studio.test", ldap_uid="linked"))
    entries = [
        entry("root"),
        entry("service"),
        entry("guest"),
        entry("other", email="linked@studio.test"),
        entry("twin", email="zoe@studio.test"),
        entry("zoe"),
        entry("broken", email="no e-mail"),
        entry("x" * 61),
    ]
    limits = {"protected_accounts": ("root@studio.test",), "ldap_excluded_accounts": ("SERVICE",)}
    tally = await synchronised(entries, **limits)
    assert [line.partition(":")[0] for line in tally.skipped] == [
        "root",
        "service",
        "guest",
        "other",
        "zoe",
        "broken",
        "x" * 61,
    ]
    assert tally.added == 1
    assert await session.scalar(select(Person.first_name).where(Person.id == root.id)) == "Ro"


async def test_a_full_licence_takes_in_nobody(synchronised, session):
    before = await session.scalar(select(func.count()).select_from(Person))
    with pytest.raises(LicenceFull):
        await synchronised([entry("zoe"), entry("yan")], user_limit=1)
    assert await session.scalar(select(func.count()).select_from(Person)) == before


async def test_who_left_is_closed_where_that_is_asked_for(synchronised, make, session):
    gone = await make(factories.person(ldap_uid="gone", is_generated_from_ldap=True))
    chief = await make(factories.person(ldap_uid="chief", is_generated_from_ldap=True, role="admin"))
    local = await make(factories.person())
    assert (await synchronised([entry("zoe")])).closed == 0
    assert (await synchronised([entry("zoe")], close_missing=True)).closed == 1
    closed = (await session.scalars(select(Person.id).where(Person.active.is_(False)))).all()
    assert gone.id in closed
    assert not {chief.id, local.id} & set(closed)


async def test_an_empty_directory_closes_nobody(synchronised, make, session):
    person = await make(factories.person(ldap_uid="person", is_generated_from_ldap=True))
    with pytest.raises(DirectoryError, match="LDAP_BASE_DN"):
        await synchronised([], close_missing=True)
    assert await session.scalar(select(Person.active).where(Person.id == person.id))


async def test_more_people_take_no_more_statements(synchronised, count_statements):
    with count_statements() as few:
        await synchronised([entry("one")])
    with count_statements() as many:
        await synchronised([entry(f"many{number}") for number in range(40)])
    assert many.count <= few.count + 1


# --- the command ------------------------------------------------------------------------------------


@pytest.fixture
def command(migrated_database, valkey_url, tmp_path) -> Callable[..., Any]:
    """`command(LDAP_…=…)` runs `kitsu-api sync-with-ldap` on a database of its own."""

    def run(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
            "DATABASE_URL": migrated_database,
            "REDIS_URL": valkey_url,
            "KITSU_DATA_DIR": str(tmp_path),
            "SECRET_KEY": "a key of tests, long enough to sign their tokens",
            **values,
        }
        line = [sys.executable, "-m", "kitsu_api.cli", "sync-with-ldap", *arguments]
        return subprocess.run(line, capture_output=True, text=True, env=environment, check=False)

    return run


@needs_slapd
def test_the_command_brings_the_directorys_people_in(command, slapd):
    told = {
        "LDAP_HOST": "127.0.0.1",
        "LDAP_PORT": str(slapd.port),
        "LDAP_BASE_DN": BASE,
        "LDAP_USER": READER,
        "LDAP_PASSWORD": THEIRS,
        "LDAP_EMAIL_DOMAIN": "studio.test",
        "LDAP_EXCLUDED_ACCOUNTS": "bob",
    }
    done = command("--json", **told)
    assert done.returncode == 0, done.stderr
    tally = json.loads(done.stdout)
    assert (tally[0] if isinstance(tally, list) else tally)["added"] == 2
    assert "Left out: bob: it is excluded." in done.stderr
    assert THEIRS not in done.stdout + done.stderr


def test_the_command_says_what_is_wrong(command):
    done = command(LDAP_HOST="127.0.0.1", LDAP_PORT="9", LDAP_USER=READER, LDAP_PASSWORD="not-to-be-shown")
    assert done.returncode == 1
    assert "can't be reached" in done.stderr
    assert "not-to-be-shown" not in done.stdout + done.stderr
    assert "LDAP_USER" in command(LDAP_HOST="127.0.0.1").stderr
