"""The demo company's incidents: one that was notified and supplemented, one in a customer's environment, a drill, and
one whose clock is running. Nothing in them has happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from compliance.access.at import At
from compliance.incidents import facts, verbs
from compliance.incidents.facts import Cause, DataKind, Nature, Risk, Side
from compliance.words.vocabulary import Category

_HOUR, _DAY, _WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)
_Story = Sequence[tuple[dt.timedelta, facts.Facts]]


def enter_past(at: At) -> None:
    """The incidents that are over, and a drill that is not."""
    verbs.enter_invented(at, [_told(at, story) for story in (_list_sent(at), _environment(at), _drill(at))])


def enter_running(at: At) -> None:
    """The incident that somebody became aware of yesterday."""
    verbs.enter_invented(at, [_told(at, _lost_laptop(at))])


def _told(at: At, story: _Story) -> list[tuple[dt.datetime, facts.Facts]]:
    return [(at.now - before, step) for before, step in story]


def _list_sent(at: At) -> _Story:
    """24 weeks ago: a list of contacts went to the wrong customer."""
    began = 24 * _WEEK
    return [
        (began - 2 * _HOUR, facts.Reported(
            called="Kontaktlista till fel kund", natures=(Nature.DISCLOSURE,),
            what="En lista med kontaktpersoner bifogades ett utskick till en annan kund än den var gjord för.",
        )),
        (began - 2 * _HOUR, facts.Detected(detected_at=at.now - began + _HOUR, how="Mottagaren hörde av sig.")),
        (began - 3 * _HOUR, facts.Aware(
            aware_at=at.now - began + 3 * _HOUR, reason="Filen var öppnad och hade namn och adresser.",
        )),
        (began - 4 * _HOUR, facts.Occurred(began_at=at.now - began, ended_at=at.now - began + 4 * _HOUR)),
        (began - 5 * _HOUR, facts.Affected(
            persons=212, categories=(Category.CUSTOMER_CONTACT,), data=(DataKind.IDENTITY, DataKind.CONTACT),
        )),
        (began - 6 * _HOUR, facts.Caused(cause=Cause.HUMAN, explained="Fel fil valdes i utskicksverktyget.")),
        (began - 8 * _HOUR, facts.Contained(
            contained_at=at.now - began + 8 * _HOUR, how="Mottagaren har bekräftat att filen är borttagen.",
        )),
        (began - 20 * _HOUR, facts.Assessed(
            risk=Risk.RISK, reason="Kontaktuppgifter i arbetet, en känd mottagare.",
            consequences="Oönskade utskick till de berörda.",
        )),
        (began - 21 * _HOUR, facts.Decided(notify=True, reason="En risk är inte osannolik.")),
        (began - 30 * _HOUR, facts.Notified(
            notified_at=at.now - began + 29 * _HOUR, reference="IMY-0000-1", supplements=True,
        )),
        (began - 9 * _DAY, facts.Supplemented(
            sent_at=at.now - began + 9 * _DAY, what="Antal och åtgärder.", is_last=True,
        )),
        (began - 10 * _DAY, facts.Measure(measure="Utskick med bilaga granskas av två.", is_done=True)),
        (began - 12 * _DAY, facts.Closed(learnt="Bilagor ska aldrig väljas för hand.")),
    ]  # fmt: skip


def _environment(at: At) -> _Story:
    """11 weeks ago: a setting in a customer's environment let too many in."""
    began = 11 * _WEEK
    return [
        (began - _HOUR, facts.Reported(
            called="Öppen projektyta i kundmiljö", sides=(Side.PROCESSOR,), natures=(Nature.ACCESS,),
            what="En projektyta var synlig för alla inloggade hos kunden.",
        )),
        (began - _HOUR, facts.Detected(detected_at=at.now - began, how="Kundens administratör ringde.")),
        (began - 2 * _HOUR, facts.Aware(
            aware_at=at.now - began + 2 * _HOUR, reason="Ytan innehöll resursplaner med namn.",
        )),
        (began - 2 * _HOUR, facts.Customer(customer="Bolaget Exempel")),
        (began - 5 * _HOUR, facts.ControllerInformed(
            customer="Bolaget Exempel", informed_at=at.now - began + 5 * _HOUR, how="Telefon och sedan brev.",
        )),
        (began - 6 * _HOUR, facts.Contained(
            contained_at=at.now - began + 4 * _HOUR, how="Behörigheten är återställd.",
        )),
        (began - 7 * _HOUR, facts.Affected(persons=None, data=(DataKind.IDENTITY, DataKind.EMPLOYMENT))),
        (began - 8 * _HOUR, facts.Assessed(
            risk=Risk.UNLIKELY, reason="Bara kundens egna inloggade.", consequences="Inga som vi ser; kunden bedömer.",
        )),
        (began - 3 * _DAY, facts.Closed(learnt="Standardbehörigheten för nya ytor är ändrad.")),
    ]  # fmt: skip


def _drill(at: At) -> _Story:
    """Five weeks ago: a drill that nobody has ended."""
    began = 5 * _WEEK
    return [
        (began, facts.Reported(
            called="Övning: stulen inloggning", natures=(Nature.ACCESS,), is_drill=True,
            what="Övning. En inloggning till CRM antas vara stulen.",
        )),
        (began, facts.Detected(detected_at=at.now - began, how="Övningsledaren berättar.")),
        (began, facts.Aware(aware_at=at.now - began, reason="Övningsledaren berättar.")),
    ]  # fmt: skip


def _lost_laptop(at: At) -> _Story:
    """Yesterday: a laptop was left on a train."""
    aware = 20 * _HOUR
    return [
        (aware, facts.Reported(
            called="Borttappad dator", natures=(Nature.LOSS,), what="En bärbar dator glömdes på ett tåg.",
        )),
        (aware, facts.Detected(detected_at=at.now - aware - 2 * _HOUR, how="Den som tappade den ringde.")),
        (aware, facts.Aware(
            aware_at=at.now - aware, reason="En lokal kopia av en prospektlista låg på den.",
        )),
        (aware - 2 * _HOUR, facts.Affected(
            persons=None, categories=(Category.PROSPECT,), data=(DataKind.IDENTITY, DataKind.CONTACT),
        )),
        (aware - 3 * _HOUR, facts.Assessed(
            risk=Risk.RISK, reason="Hårddisken är krypterad men datorn var påslagen.",
            consequences="Någon kan läsa kontaktuppgifter.",
        )),
        (aware - 3 * _HOUR, facts.Decided(notify=True, reason="En risk är inte osannolik.")),
    ]  # fmt: skip
