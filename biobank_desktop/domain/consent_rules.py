"""The consent rules as data: who must have decided, purposes and their items, age policies, the deadline."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

from biobank_desktop.domain.problems import Problem, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

Policy = Literal["none", "inform", "recontact", "hold", "destroy"]
Parents = Literal["all", "one"]
"""Whose consent is enough below 16: all parents with authority, or one of them."""
Child = Literal["needed", "may-object"]
"""Whether a child of 12 to 15 must have agreed, or only may object."""
AfterDeath = Literal["stands", "ends"]
AGES = (12, 16, 18)
POLICIES: tuple[Policy, ...] = get_args(Policy)
CHANGED = ", changed"
"""Behind the version of rules that differ from the ones registered under it."""
_MOST_DAYS = 36_500
_KEYS = frozenset({"version", "deadline_days", "after_death", "signatories", "age", "purpose"})
_SIGNATORY_KEYS = frozenset({"parents", "child"})
_AGE_KEYS = frozenset({"policy", "grace_days"})
_PURPOSE_KEYS = frozenset({"items", "new_material", "contact"})


@dataclass(frozen=True)
class AgePolicy:
    """What follows on a birthday while the donor's own decision since then is missing."""

    policy: Policy
    grace_days: int


@dataclass(frozen=True)
class Purpose:
    """What something is wanted for: the items it needs a yes to."""

    items: tuple[str, ...]
    new_material: bool
    contact: bool


@dataclass(frozen=True)
class ConsentRules:
    """One version of the rules; ``deadline_days`` after the first receipt waiting ends in a refusal."""

    version: str
    deadline_days: int
    after_death: AfterDeath
    parents: Parents
    child: Child
    ages: Mapping[int, AgePolicy]
    purposes: Mapping[str, Purpose]

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that some purpose needs a yes to, in the order of the purposes."""
        return tuple(dict.fromkeys(item for purpose in self.purposes.values() for item in purpose.items))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> ConsentRules:
        """The rules in a parsed TOML file. Raises ``Rejected`` with every problem, each at its path."""
        refuse(rules_problems(mapping))
        signatories = cast("Mapping[str, object]", mapping["signatories"])
        ages = cast("Mapping[str, Mapping[str, object]]", mapping["age"])
        purposes = cast("Mapping[str, Mapping[str, object]]", mapping["purpose"])
        return cls(
            version=str(mapping["version"]),
            deadline_days=cast("int", mapping["deadline_days"]),
            after_death=cast("AfterDeath", mapping["after_death"]),
            parents=cast("Parents", signatories["parents"]),
            child=cast("Child", signatories["child"]),
            ages={
                age: AgePolicy(
                    cast("Policy", ages[str(age)]["policy"]), cast("int", ages[str(age)]["grace_days"])
                )
                for age in AGES
            },
            purposes={
                name: Purpose(
                    tuple(cast("list[str]", entry["items"])),
                    bool(entry.get("new_material", False)),
                    bool(entry.get("contact", False)),
                )
                for name, entry in purposes.items()
            },
        )

    def as_mapping(self) -> dict[str, object]:
        """The same as ``from_mapping`` reads it."""
        return {
            "version": self.version,
            "deadline_days": self.deadline_days,
            "after_death": self.after_death,
            "signatories": {"parents": self.parents, "child": self.child},
            "age": {str(age): asdict(policy) for age, policy in self.ages.items()},
            "purpose": {
                name: {**asdict(purpose), "items": list(purpose.items)}
                for name, purpose in self.purposes.items()
            },
        }


def rules_problems(mapping: Mapping[str, object]) -> list[Problem]:
    """Everything that is wrong with a table of rules, each at its path."""
    return [Problem(path, "rules-entry-wrong", {"path": path}) for path in _wrong(mapping)]


@dataclass(frozen=True)
class RulesChange:
    """What would be otherwise in a set of rules; what is left out stays as it is."""

    policies: Mapping[int, Policy] = field(default_factory=dict)
    grace_days: Mapping[int, int] = field(default_factory=dict)
    deadline_days: int | None = None


def changed(rules: ConsentRules, change: RulesChange) -> ConsentRules:
    """The rules with a change; the very same where nothing differs, else their version says so.

    Raises ``Rejected`` with every number of days that no rules may have.
    """
    days: dict[str, int] = {f"age.{age}.grace_days": given for age, given in change.grace_days.items()}
    if change.deadline_days is not None:
        days["deadline_days"] = change.deadline_days
    refuse(
        [
            Problem(path, "days-outside", {"most": _MOST_DAYS})
            for path, given in days.items()
            if not _days(given)
        ]
    )
    ages = {
        age: AgePolicy(change.policies.get(age, now.policy), change.grace_days.get(age, now.grace_days))
        for age, now in rules.ages.items()
    }
    deadline = rules.deadline_days if change.deadline_days is None else change.deadline_days
    other = replace(rules, ages=ages, deadline_days=deadline)
    return rules if other == rules else replace(other, version=f"{rules.version}{CHANGED}")


def _wrong(mapping: Mapping[str, object]) -> list[str]:
    """The paths of all entries that are missing, of the wrong kind, or that nobody would read."""
    paths = sorted(mapping.keys() - _KEYS)
    if not _line(mapping.get("version")):
        paths.append("version")
    if not _days(mapping.get("deadline_days")):
        paths.append("deadline_days")
    if mapping.get("after_death") not in get_args(AfterDeath):
        paths.append("after_death")
    paths += [f"signatories.{what}" for what in _wrong_signatories(_table(mapping.get("signatories")))]
    ages = _table(mapping.get("age"))
    paths += [f"age.{name}" for name in sorted(ages.keys() - set(map(str, AGES)))]
    for age in AGES:
        paths += [f"age.{age}.{what}" for what in _wrong_age(_table(ages.get(str(age))))]
    purposes = _table(mapping.get("purpose"))
    if not purposes:
        paths.append("purpose")
    for name, entry in purposes.items():
        paths += [f"purpose.{name}{what}" for what in _wrong_purpose(entry)]
    return paths


def _table(value: object) -> Mapping[str, object]:
    """What stands there, when it is a table; anything else lacks all its entries."""
    return value if isinstance(value, dict) else {}


def _wrong_signatories(entry: Mapping[str, object]) -> list[str]:
    choices = (("parents", Parents), ("child", Child))
    wrong = [name for name, allowed in choices if entry.get(name) not in get_args(allowed)]
    return wrong + sorted(entry.keys() - _SIGNATORY_KEYS)


def _wrong_age(entry: Mapping[str, object]) -> list[str]:
    wrong = [] if entry.get("policy") in POLICIES else ["policy"]
    wrong += [] if _days(entry.get("grace_days")) else ["grace_days"]
    return wrong + sorted(entry.keys() - _AGE_KEYS)


def _wrong_purpose(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return [".items"]
    items = entry.get("items")
    wrong = [] if isinstance(items, list) and items and all(map(_line, items)) else [".items"]
    wrong += [
        f".{name}"
        for name in ("new_material", "contact")
        if name in entry and not isinstance(entry[name], bool)
    ]
    return wrong + [f".{name}" for name in sorted(entry.keys() - _PURPOSE_KEYS)]


def _days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_DAYS


def _line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()
