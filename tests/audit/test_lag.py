"""How far sealing is behind, as the application sees it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from apps.audit import lag
from apps.audit.lag import require_sealing, sealing_keeps_up, sealing_lag
from apps.audit.services import LogUnavailable


@pytest.fixture
def application(log, monkeypatch, django_db_blocker):
    """Django's connection, on the log of this test instead of the shared one."""
    lag.last_look.forget()
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", log.name)
        yield log
        connection.close()
    lag.last_look.forget()


def age(log, hours):
    """As if everything had been recorded so long ago."""
    log.tamper("UPDATE audit.event SET recorded_at = recorded_at - %s", timedelta(hours=hours))


def test_nothing_waits_in_an_empty_log(application):
    assert sealing_lag() == timedelta()
    assert sealing_keeps_up()


def test_is_the_age_of_the_oldest_event_that_waits(application):
    application.append()
    age(application, 5)
    application.append()
    assert timedelta(hours=5) < sealing_lag() < timedelta(hours=5, minutes=5)
    assert not sealing_keeps_up()
    application.sealer().seal()
    assert sealing_lag() == timedelta()
    application.append()
    assert timedelta() < sealing_lag() < timedelta(minutes=5)
    assert sealing_keeps_up()


def test_f12_counts_what_a_long_transaction_holds_back(application):
    slow = application.connect("ankang_app")
    with slow.transaction():
        application.append(connection=slow)
        application.append()
        age(application, 1)
        application.sealer().seal()
        assert sealing_lag() > timedelta(minutes=59)


def test_counts_in_a_new_shard_too(application):
    sealer = application.sealer()
    application.append()
    sealer.seal()
    sealer.open_shard(current=1, reason="restored")
    assert sealing_lag() > timedelta()
    sealer.seal()
    assert sealing_lag() == timedelta()


@pytest.mark.django_db
@pytest.mark.parametrize(("keeps_up", "warnings"), [(True, []), (False, ["sealing"])])
def test_the_probe_warns_and_stays_ready(keeps_up, warnings, client, monkeypatch):
    monkeypatch.setattr("apps.portal.services.sealing_keeps_up", lambda: keeps_up)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (200, warnings)


class TestSensitiveServices:
    def test_go_on_while_sealing_keeps_up_or_is_repaired_soon(self, application):
        application.append()
        age(application, 3)
        require_sealing()

    def test_f13_stop_when_sealing_has_stood_still_for_too_long(self, application):
        application.append()
        age(application, 5)
        with pytest.raises(LogUnavailable) as refusal:
            require_sealing()
        assert (refusal.value.code, refusal.value.reason) == ("AUD-503", "sealing_stopped")

    def test_the_limit_is_a_setting(self, application, settings):
        settings.SEALING_STOP_AFTER = timedelta(hours=6)
        application.append()
        age(application, 5)
        require_sealing()

    def test_stop_when_nobody_can_tell(self, application, monkeypatch):
        def lost():
            raise DatabaseError

        monkeypatch.setattr(lag, "sealing_lag", lost)
        with pytest.raises(LogUnavailable, match="AUD-503"):
            require_sealing()

    def test_ask_the_database_once_in_a_while(self, application, django_assert_num_queries):
        connection.ensure_connection()
        with django_assert_num_queries(1):
            for _ in range(5):
                require_sealing()
