"""A plainly invented world in which everything is settled, and what breaks it, rule by rule.

``READY`` holds for each checklist what is written at every item, under which no gap is open on
``TODAY``. ``FIRES`` holds for each gap rule a smallest change to it, after which exactly this rule
leaves a gap (and the rules that ``ALSO`` names, which it cannot do without).

Values are literals, as in a checklist: an option's id (several for an item that takes several), an
ISO date, a number, a row's id, else text. ``"?"`` is unknown, None a blank; a row given as None
is removed. A form has one row, ``form``.
"""

from __future__ import annotations

from datetime import date
from typing import Any

TALKS = date(2027, 3, 15)
TODAY = date(2027, 2, 15)

World = dict[str, Any]
Changes = dict[str, Any]

# --------------------------------------------------------------------------- us-china-space

_GOAL = {"approved_by": "Sample minister M", "approved_on": "2027-01-10", "fallback": "Half of it"}
_DISCLOSURE = {
    "proposed_by": "Sample engineer E",
    "released_by": "Sample release office",
    "military": "low",
    "reviewed_by": "Sample reviewer R",
    "gains": "even",
    "answer": "none",
}
_SEEN = {"source": "Sample source", "verified_on": "2027-02-10"}
_DUTIES = {
    "ours": "Send our sample",
    "theirs": "Send their sample",
    "test": "Both samples agree",
    "by": "2027-09-01",
    "cost": "Little",
    "precondition": "The release is signed",
    "trigger": "A sample is false",
    "exit_owner": "Sample official B",
    "touches_asset": "no",
}
_CONSULTED = {
    "consulted_on": "2027-02-03",
    "position": "support",
    "owner": "Sample official B",
    "channel": "Sample embassy",
    "may_share": "The agenda",
    "confidences": "no",
    "next_update": "2027-03-01",
    "evidence": "Sample note 7",
}
_PARTNER = {**_CONSULTED, "wants_in": "yes"}
_PRICE = {"may_ask": "A sample licence", "acceptable": "part", "red_line": "No design data"}
_READING = {"reading": "A change of course", "message": "Nothing in our alliance changes"}
_COORDINATED = ("esa", "japan_iss", "canada", "russia", "japan", "south_korea", "australia")


def _us_china_space() -> World:
    return {
        "given": {},
        "items": {"crewed": "no", "verdict": "conditional"},
        "rows": {
            "goals": {
                "g1": {"goal": "Know who decides", "want": "must", "rank": "1", "measure": "A named office", **_GOAL},
                "g2": {"goal": "Know what it costs", "want": "want", "rank": "2", "measure": "A sum", **_GOAL},
            },
            "their_aims": {
                "a1": {"aim": "Sample test data", "confidence": "high", "reply": "trade", "evidence": "Sample plan"},
                "a2": {"aim": "Sample prestige", "confidence": "low", "reply": "refuse", "price": "A sample visit"},
            },
            "asks": {
                "k1": {
                    "ask": "Who signs a project",
                    "topic": "decisions",
                    "goal": "g1",
                    "addressed_to": "Sample official A",
                    "owner": "Sample official B",
                    "decider": "d2",
                },
                "k2": {"ask": "The yearly budget", "topic": "budget", "goal": "g2", "owner": "Sample official B"},
                "k3": {"ask": "The visit we are owed", "topic": "visits", "goal": "g2", "owner": "Sample official B"},
            },
            "ledger": {
                "l1": {
                    "ask": "k1",
                    "disclosure": "Who signs with us",
                    **_DISCLOSURE,
                    "aim": "a1",
                    "answer": "promised",
                    "verified": "Against two sample sources",
                },
                "l2": {"ask": "k2", "disclosure": "Our yearly budget", **_DISCLOSURE},
                "l3": {"ask": "k3", "disclosure": "A sample visit", **_DISCLOSURE},
            },
            "deciders": {
                "d1": {
                    "office": "Sample council",
                    "power": "approve veto",
                    "person": "Sample official C",
                    "organ": "state",
                    **_SEEN,
                },
                "d2": {"office": "Sample bureau", "power": "start fund", "person": "?", "organ": "industry", **_SEEN},
            },
            "roster": {
                "p1": {
                    "name": "Sample official A",
                    "role": "head",
                    "enforce": "yes",
                    "negotiate": "yes",
                    "principal": "Sample council",
                    "military": "none",
                    **_SEEN,
                },
                "p2": {
                    "name": "Sample official D",
                    "role": "member",
                    "enforce": "partly",
                    "negotiate": "partly",
                    "principal": "Sample command",
                    "military": "indirect",
                    **_SEEN,
                },
                "p3": {
                    "name": "Sample interpreter",
                    "role": "interpreter",
                    "enforce": "no",
                    "negotiate": "no",
                    "principal": "Sample ministry",
                    "military": "none",
                    **_SEEN,
                },
            },
            "enforcers": {
                "e1": {
                    "commitment": "Send the sample",
                    "step": "s1",
                    "by": "p1",
                    "absent": "Sample ministry",
                    "instrument": "Sample order 1",
                },
                "e2": {
                    "commitment": "Send more samples",
                    "step": "s2",
                    "absent": "Sample council",
                    "instrument": "Sample order 2",
                },
            },
            "promises": {"visit_2006": {"ask": "k3"}},
            "withheld": {
                "w1": {"what": "Sample software", "critical": "no", "reason": "Of military use"},
                "w2": {"what": "Sample drawings", "critical": "no", "reason": "Not ours to give"},
                "w3": {"what": "Sample prices", "critical": "no", "reason": "Under contract"},
            },
            "precedents": {"x1": {"event": "A sample visit", "outcome": "None", "lesson": "Fix the date first"}},
            "rung": {"form": {"planned": "standards", "done": "contacts"}},
            "steps": {
                "s1": {"deliverable": "One sample exchanged", **_DUTIES, "enables": "s2", "touches_asset": "yes"},
                "s2": {"deliverable": "Ten samples exchanged", **_DUTIES, "opens": "A shared catalogue"},
            },
            "standards": {
                "n1": {
                    "standard": "Sample gauge",
                    "covers": "instrument",
                    "origin": "shared",
                    "forum": "Sample committee",
                    "we_comply": "yes",
                    "they_comply": "partly",
                },
                "n2": {"standard": "Sample format", "covers": "data", "origin": "shared", "forum": "Sample committee"},
            },
            "minimum": {
                "form": {
                    "outcome": "A second meeting on a fixed date",
                    "public_line": "A useful exchange on standards",
                    "public_rung": "standards",
                },
            },
            "capability": {
                "c1": {
                    "need": "A sample delivery",
                    "needed_by": "2029-06-01",
                    "ready_by": "2028-06-01",
                    "critical": "no",
                    "demonstrated": "yes",
                    "source": "Sample report",
                    "asset_retires": "2035-01-01",
                },
            },
            "price": {"independence": _PRICE, "domestic": _PRICE, "legitimacy": {**_PRICE, "acceptable": "pay"}},
            "motive": {"form": {"driver": "experience", "gains": "Sample skills", "late": "yes", "brings": "some"}},
            "alone": {
                "form": {
                    "go_alone": "yes",
                    "gain": "both",
                    "benefits": "Fewer sample accidents",
                    "option": "Two sample contracts",
                    "funded": "yes",
                },
            },
            "walk_away": {
                "form": {
                    "plan": "Go on with the present partners",
                    "owner": "Sample official B",
                    "reliance": "shared",
                    "rehearsed_on": "2027-02-01",
                },
            },
            "parties": {
                "esa": _PARTNER,
                "japan_iss": _PARTNER,
                "canada": _PARTNER,
                "russia": {**_PARTNER, "position": "conditional", "condition": "Open data", "reply": "Data stay open"},
                "japan": _CONSULTED,
                "south_korea": _CONSULTED,
                "australia": _CONSULTED,
                "india": _CONSULTED,
                "taiwan": _CONSULTED,
            },
            "linkages": {
                "cross_strait": {"effect": "worse", "mitigation": "A sample statement"},
                "india_china": {"effect": "none"},
            },
            "signals": {f"m{nth}": {"party": party, **_READING} for nth, party in enumerate(_COORDINATED, start=1)},
            "balance": {
                "b1": {"what": "Sample effort", "side": "cost", "size": "medium", "likelihood": "likely"},
                "b2": {
                    "what": "Fewer sample accidents",
                    "side": "benefit",
                    "size": "large",
                    "likelihood": "possible",
                    "evidence": "Sample study",
                },
            },
            "mandate": {
                "form": {
                    "giver": "Sample minister M",
                    "given_on": "2027-01-04",
                    "scope": "Standards and samples, no funds",
                    "negotiator": "Sample official B",
                },
            },
            "red_lines": {"z1": {"line": "No sample drawings", "set_by": "Sample assembly", "crossed": "no"}},
            "conditions": {"q1": {"condition": "The release is signed", "by": "2027-03-10", "owner": "Sample lead"}},
        },
    }


def _row(item: str, row: str, **cells: str | None) -> Changes:
    """Cells of one row changed."""
    return {"rows": {item: {row: cells}}}


def _form(item: str, **cells: str | None) -> Changes:
    """Fields of a form changed."""
    return _row(item, "form", **cells)


def _without(item: str, *rows: str) -> Changes:
    """Rows of one table removed."""
    return {"rows": {item: dict.fromkeys(rows)}}


def _both(*changes: Changes) -> Changes:
    """Several changes, made in this order."""
    return {
        "items": {item: value for one in changes for item, value in one.get("items", {}).items()},
        "rows": {item: rows for one in changes for item, rows in one.get("rows", {}).items()},
    }


_THEM = {"gains": "them", "compensation": "A sample credit"}
_ONE_MORE_WITHHELD = _row("withheld", "w4", what="Sample plans", critical="no", reason="Not ready")

_US_CHINA_SPACE: dict[str, Changes] = {
    "goals.no_must": _row("goals", "g1", approved_by=None),
    "goals.late": _row("goals", "g2", approved_on="2027-03-20"),
    "goals.voided": _row("goals", "g2", fallback="A quarter of it"),
    "goals.unmeasured": _row("goals", "g1", measure=None, approved_on="2027-01-11"),
    "their_aims.none": _without("their_aims", "a1", "a2"),
    "their_aims.unsure": _row("their_aims", "a1", confidence="low"),
    "their_aims.gift": _row("their_aims", "a2", reply="give"),
    "asks.must_unasked": _row("asks", "k1", goal="g2"),
    "asks.no_decisions": _row("asks", "k1", topic="plans"),
    "asks.no_budget": _row("asks", "k2", topic="plans"),
    "asks.goalless": _row("asks", "k3", goal=None),
    "ledger.one_way": _row("asks", "k4", ask="Their safety record", topic="safety", goal="g1"),
    "ledger.unreleased": _row("ledger", "l1", released_by=None),
    "ledger.unrated": _row("ledger", "l1", military="?"),
    "ledger.high_value": _row("ledger", "l1", military="high"),
    "ledger.own_judge": _row("ledger", "l1", reviewed_by="sample  Engineer E"),
    "ledger.unreviewed": _row("ledger", "l1", reviewed_by=None),
    "ledger.unpaid": _row("ledger", "l1", gains="them"),
    "ledger.tilted": {"rows": {"ledger": {"l1": _THEM, "l2": _THEM}}},
    "ledger.unverified": _row("ledger", "l1", verified=None),
    "deciders.no_power": _row("deciders", "d1", power="fund"),
    "deciders.unnamed": _row("asks", "k1", owner=None),
    "deciders.stale": _row("deciders", "d1", verified_on="2027-01-15"),
    "roster.empty": _without("roster", "p1", "p2", "p3"),
    "roster.no_head": _row("roster", "p1", role="member"),
    "roster.head_answers": _row("roster", "p1", principal="?"),
    "roster.no_enforcer": {"rows": {"roster": {"p1": {"enforce": "no"}, "p2": {"enforce": "no"}}}},
    "roster.part_enforcer": _row("roster", "p1", enforce="partly"),
    "roster.uniform": _row("roster", "p2", principal=None),
    "roster.answers_to": _row("roster", "p3", principal=None),
    "roster.unsourced": _row("roster", "p3", source=None),
    "roster.stale": _row("roster", "p3", verified_on="2027-01-15"),
    "enforcers.unenforced": _without("enforcers", "e2"),
    "enforcers.nobody": _row("enforcers", "e2", absent=None),
    "enforcers.powerless": _row("enforcers", "e2", by="p3", absent=None),
    "enforcers.no_instrument": _row("enforcers", "e2", instrument=None),
    "promises.forgotten": _row("promises", "visit_2006", ask=None),
    "promises.too_soon": _form("rung", planned="data", done="standards"),
    "withheld.unsafe": _row("withheld", "w1", critical="yes"),
    "withheld.unclear": _row("withheld", "w1", critical="?"),
    "worth.unasked": _ONE_MORE_WITHHELD,
    "worth.futile": _both(_ONE_MORE_WITHHELD, _form("worth", still="no")),
    "precedents.none": _without("precedents", "x1"),
    "rung.leap": _both(_form("rung", planned="data"), _row("promises", "visit_2006", status="pending")),
    "rung.unset": _form("rung", planned="?"),
    "crewed.premature": {"items": {"crewed": "yes"}},
    "steps.none": _without("steps", "s1", "s2"),
    "steps.one_sided": _row("steps", "s2", theirs="?"),
    "steps.no_exit": _row("steps", "s2", exit_owner=None),
    "steps.no_test": _row("steps", "s2", test=None),
    "steps.no_condition": _row("steps", "s2", precondition=None),
    "steps.no_trigger": _row("steps", "s2", trigger=None),
    "steps.dead_end": _row("steps", "s2", opens=None),
    "standards.no_instrument": _row("standards", "n1", covers="data"),
    "standards.no_data": _row("standards", "n2", covers="instrument"),
    "standards.bespoke": _row("standards", "n1", origin="bespoke"),
    "minimum.none": _form("minimum", outcome="?"),
    "minimum.oversold": _form("minimum", public_rung="data"),
    "minimum.no_line": _form("minimum", public_line="?"),
    "minimum.unrated_line": _form("minimum", public_rung=None),
    "capability.too_late": _row("capability", "c1", ready_by="2029-07-01"),
    "capability.unproven": _row("capability", "c1", critical="yes", demonstrated="partly"),
    "capability.unrated": _row("capability", "c1", critical=None, demonstrated="no"),
    "capability.undated": _row("capability", "c1", needed_by="?"),
    "capability.sunset": _row("capability", "c1", asset_retires="2030-01-01"),
    "price.beyond_line": _row("price", "domestic", acceptable="beyond"),
    "price.blank": _row("price", "domestic", may_ask="?"),
    "motive.unknown": _form("motive", driver="?"),
    "motive.free_ride": _form("motive", brings="nothing"),
    "alone.dependent": _form("alone", go_alone="no"),
    "alone.money_only": _form("alone", gain="money"),
    "alone.unfunded": _form("alone", funded="no"),
    "walk_away.none": _form("walk_away", plan="?"),
    "walk_away.sole_source": _form("walk_away", reliance="sole"),
    "walk_away.unowned": _form("walk_away", owner="?"),
    "walk_away.reliance": _form("walk_away", reliance="?"),
    "walk_away.unrehearsed": _form("walk_away", rehearsed_on="2026-11-01"),
    "parties.unconsulted": _row("parties", "japan", consulted_on=None),
    "parties.station": _row("parties", "esa", level="consult", consulted_on=None),
    "parties.opposition": _row("parties", "japan", position="oppose"),
    "parties.no_partner": _without("parties", "esa", "japan_iss", "canada", "russia"),
    "parties.no_ally": _without("parties", "japan", "south_korea", "australia"),
    "parties.none_informed": {"rows": {"parties": {key: {"consulted_on": None} for key in ("india", "taiwan")}}},
    "parties.confidences": _row("parties", "taiwan", confidences="yes"),
    "parties.uninformed": _row("parties", "taiwan", consulted_on=None),
    "parties.position": _row("parties", "canada", position="?"),
    "parties.overdue": _row("parties", "india", next_update="2027-02-14"),
    "parties.unwelcome": _row("parties", "canada", wants_in="no"),
    "parties.wants_unknown": _row("parties", "canada", wants_in="?"),
    "linkages.worse": _row("linkages", "cross_strait", mitigation=None),
    "linkages.unjudged": _row("linkages", "india_china", effect="?"),
    "signals.unsaid": _without("signals", "m7"),
    "balance.none": _without("balance", "b1", "b2"),
    "balance.unsupported": _row("balance", "b2", evidence=None),
    "acceptance.unaccepted": _row("balance", "b2", size="small"),
    "mandate.none": _form("mandate", scope="?"),
    "mandate.own_mandate": _form("mandate", negotiator="Sample minister M"),
    "mandate.no_negotiator": _form("mandate", negotiator=None),
    "red_lines.crossed": _row("red_lines", "z1", crossed="yes", crossed_by="s1"),
    "red_lines.none": _without("red_lines", "z1"),
    "red_lines.unchecked": _row("red_lines", "z1", crossed="?"),
    "red_lines.set_by_none": _row("red_lines", "z1", set_by=None),
    "verdict.open_blocker": _both({"items": {"verdict": "go"}}, _form("walk_away", reliance="sole")),
    "conditions.none": _row("conditions", "q1", by="?"),
    "conditions.undated": _row("conditions", "q2", condition="The visit is fixed", by="?", owner="Sample lead"),
    "conditions.unowned": _row("conditions", "q1", owner=None),
}

# ------------------------------------------------------------------------------- bilateral

# What is called otherwise in `bilateral`; all the rest is the same.
_OTHERWISE = {
    "crewed": "headline",
    "crewed.premature": "headline.premature",
    "instrument": "equipment",
    "standards.no_instrument": "standards.no_equipment",
    "parties.station": "parties.asset",
    "esa": "partner1",
    "japan_iss": "partner2",
    "canada": "partner3",
    "russia": "partner4",
    "japan": "ally1",
    "south_korea": "ally2",
    "australia": "ally3",
    "india": "neighbour1",
    "taiwan": "neighbour2",
    "india_china": "neighbour1",
    "cross_strait": "neighbour2",
    "visit_2006": "v1",
}


def _told(this: Any) -> Any:
    """The same, in the words of `bilateral`: "instrument" is a field as well, which keeps its name."""
    if isinstance(this, dict):
        keys = {key: key if key == "instrument" else _OTHERWISE.get(key, key) for key in this}
        return {keys[key]: _told(value) for key, value in this.items()}
    return _OTHERWISE.get(this, this) if isinstance(this, str) else this


def _bilateral() -> World:
    world: World = _told(_us_china_space())
    world["given"] = {
        "asset": "the sample reservoir",
        "partners": "Sample partner 1\nSample partner 2\nSample partner 3\nSample partner 4",
        "allies": "Sample ally 1\nSample ally 2\nSample ally 3",
        "neighbours": "Sample neighbour 1\nSample neighbour 2",
    }
    world["rows"]["promises"]["v1"] = {"promise": "A visit", "kind": "visit", "status": "broken", "ask": "k3"}
    return world


_BILATERAL: dict[str, Changes] = {
    **_told(_US_CHINA_SPACE),
    "linkages.none": _without("linkages", "neighbour1", "neighbour2"),
}

READY: dict[str, World] = {"us-china-space": _us_china_space(), "bilateral": _bilateral()}
FIRES: dict[str, dict[str, Changes]] = {"us-china-space": _US_CHINA_SPACE, "bilateral": _BILATERAL}

# Rules that cannot fire alone.
ALSO: dict[str, set[str]] = {
    "verdict.open_blocker": {"walk_away.sole_source"},
    "parties.none_informed": {"parties.uninformed"},
}
