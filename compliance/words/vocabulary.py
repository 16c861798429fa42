"""The words that code, SQL, configuration and texts share. One word per thing."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """In what capacity a person is stored. A rule belongs to exactly one category."""

    CUSTOMER_CONTACT = "CUSTOMER_CONTACT"
    PROSPECT = "PROSPECT"
    EMPLOYEE = "EMPLOYEE"
    CONTRACTOR = "CONTRACTOR"
    SUPPLIER_REP = "SUPPLIER_REP"
    PARTNER_REP = "PARTNER_REP"
    WEB_VISITOR = "WEB_VISITOR"
    VOUCHER = "VOUCHER"
    ENV_USER = "ENV_USER"
    UNCLASSIFIED = "UNCLASSIFIED"


class Status(StrEnum):
    """Where a basis stands on a day. Exactly one holds; queries/reading/status.sql decides it, in this order."""

    PURGED = "PURGED"
    UNDETERMINED = "UNDETERMINED"
    ACTIVE = "ACTIVE"
    HELD = "HELD"
    STATUTORY = "STATUTORY"
    OVERDUE = "OVERDUE"
    DUE = "DUE"
    EXPIRING = "EXPIRING"
    RETAINED = "RETAINED"


# A person has the worst status of its bases; ceilings of several bases do not average out.
PERSON_STATUS_ORDER: tuple[Status, ...] = (
    Status.OVERDUE,
    Status.UNDETERMINED,
    Status.HELD,
    Status.DUE,
    Status.STATUTORY,
    Status.EXPIRING,
    Status.RETAINED,
    Status.ACTIVE,
)


class StartEvent(StrEnum):
    """What starts the clock of a rule."""

    CUSTOMER_RELATION_ENDED = "customer_relation_ended"
    LAST_CONTACT = "last_contact"
    EMPLOYMENT_ENDED = "employment_ended"
    ASSIGNMENT_ENDED = "assignment_ended"
    REPRESENTATION_ENDED = "representation_ended"
    COOKIE_SET = "cookie_set"
    VOUCHER_RELATION_ENDED = "voucher_relation_ended"


class Reason(StrEnum):
    """Why a basis has its start event, or why none could be determined. Texts: `reason.<value>`."""

    # the relationship is open
    OPEN_CONTRACT = "open_contract"
    OPEN_ENGAGEMENT = "open_engagement"
    OPEN_RELATION = "open_relation"
    # the clock runs from a known event
    CONTRACT_ENDED = "contract_ended"
    LEFT_ORGANISATION = "left_organisation"
    MET = "met"
    INBOUND = "inbound"
    REGISTERED = "registered"
    EMPLOYMENT_ENDED = "employment_ended"
    ASSIGNMENT_ENDED = "assignment_ended"
    REPLACED = "replaced"
    RELATION_ENDED = "relation_ended"
    COOKIE_SET = "cookie_set"
    VOUCHER_RELATION = "voucher_relation"
    VOUCHER_YEAR = "voucher_year"
    # cannot be determined
    NO_RULE = "no_rule"
    UNDECLARED_COOKIE = "undeclared_cookie"
    MISSING_DATE = "missing_date"
    SENTINEL_DATE = "sentinel_date"
    UNREADABLE_DATE = "unreadable_date"
    FUTURE_DATE = "future_date"
    END_BEFORE_START = "end_before_start"
    STATUS_CONTRADICTS = "status_contradicts"
    ENDED_WITHOUT_DATE = "ended_without_date"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    ERASED_BUT_PRESENT = "erased_but_present"
    # gone
    ERASED = "erased"


class RecordType(StrEnum):
    """What one row of an export is about."""

    ORGANISATION = "organisation"
    CONTRACT = "contract"
    PERSON = "person"
    VOUCHER = "voucher"
    WEB_LEAD = "web_lead"
    ERASURE_REQUEST = "erasure_request"
    ENVIRONMENT = "environment"
    ACCESS_GRANT = "access_grant"
    MAILING = "mailing"
    OPT_OUT = "opt_out"


class StatedStatus(StrEnum):
    """What a source says of the relationship, in its own words turned into two."""

    OPEN = "open"
    ENDED = "ended"


# Fields that an export may be mapped to and that the copy keeps.
STORED_FIELDS: tuple[str, ...] = (
    "source_key",
    "name",
    "given_name",
    "family_name",
    "email",
    "phone",
    "role",
    "category",
    "status",
    "org_key",
    "org_name",
    "successor_key",
    "contract_key",
    "origin",
    "registered_on",
    "met_on",
    "inbound_on",
    "designated_on",
    "role_until",
    "left_org_on",
    "starts_on",
    "ends_on",
    "replaced_on",
    "opted_out_on",
    "mail_consent",
    "erased_on",
    "fiscal_year",
    "relation_key",
    "cookie_name",
    "set_at",
    "reference",
    "request_kind",
    "requester",
    "received_at",
    "identity_asked_on",
    "identity_answered_on",
    "extended_on",
    "extension_reason",
    "forwarded_on",
    "closed_on",
    "outcome",
    "agreement",
    "default_settings",
    "auto_clean",
    "period_customised",
    "default_days",
    "period_days",
    "period_changed_on",
    "cleaned_on",
    "restore_tested_on",
    "environment_key",
    "holder",
    "account",
    "purpose",
    "ticket",
    "approver",
    "granted_on",
    "valid_until",
    "reviewed_on",
    "revoked_on",
    "mailing_key",
    "sent_on",
    "effective_on",
)

# Those of them that hold dates (DATE) or instants (TIMESTAMPTZ).
DATE_FIELDS: tuple[str, ...] = (
    "registered_on",
    "met_on",
    "inbound_on",
    "designated_on",
    "role_until",
    "left_org_on",
    "starts_on",
    "ends_on",
    "replaced_on",
    "opted_out_on",
    "erased_on",
    "identity_asked_on",
    "identity_answered_on",
    "extended_on",
    "forwarded_on",
    "closed_on",
    "period_changed_on",
    "cleaned_on",
    "restore_tested_on",
    "granted_on",
    "valid_until",
    "reviewed_on",
    "revoked_on",
    "sent_on",
    "effective_on",
)
INSTANT_FIELDS: tuple[str, ...] = ("set_at", "received_at")

# Fields that the dashboard recognises but never keeps: only how often each was filled. Whether that is a
# finding depends on the allowed fields of the category's rule; the last two groups always are one, outside payroll.
COUNTED_FIELDS: tuple[str, ...] = (
    "address",
    "bank_account",
    "salary",
    "birth_date",
    "gender",
    "private_email",
    "private_phone",
    "next_of_kin",
    "other_person",
    "photo",
    "social_profile",
    "free_text",
    "ip_address",
    "other",
)
# Fields that are kept once: a second telephone number is only counted.
FURTHER_FIELDS: tuple[str, ...] = ("name", "email", "phone")
PERSONNUMMER_FIELD = "personnummer"
SPECIAL_CATEGORY_FIELDS: tuple[str, ...] = (
    "health",
    "trade_union",
    "religion",
    "political_opinion",
    "ethnic_origin",
    "sexual_orientation",
    "biometrics",
    # No special categories by the letter of the law, and as critical: origin and convictions are told by them.
    "citizenship",
    "criminal_record",
)


class Role(StrEnum):
    """Who somebody is to the dashboard; from the configuration, by e-mail address."""

    DPO = "dpo"
    CISO = "ciso"
    OWNER = "owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """What somebody may do. compliance.access says which roles hold which; the README has the table."""

    SEE_FIGURES = "see_figures"
    SEE_PERSONS = "see_persons"
    SEE_LEDGER = "see_ledger"
    EXTRACT_FIGURES = "extract_figures"
    EXTRACT_PERSONS = "extract_persons"
    RUN_INTAKE = "run_intake"
    SEE_BATCHES = "see_batches"
    PROPOSE_PURGE = "propose_purge"
    APPROVE_PURGE = "approve_purge"
    EXECUTE_PURGE = "execute_purge"
    MANAGE_HOLDS = "manage_holds"
    MARK_PERSONS = "mark_persons"
    CORRECT_PERSONS = "correct_persons"
    FETCH_ORDERS = "fetch_orders"
    HANDLE_REQUESTS = "handle_requests"
    DECIDE_IDENTITY = "decide_identity"
    DECIDE_MOVED = "decide_moved"
    EXTEND_LIMITS = "extend_limits"
    CHANGE_RULES = "change_rules"
    SIGN_REVIEW = "sign_review"
    COUNTERSIGN_REVIEW = "countersign_review"
    HANDLE_INCIDENTS = "handle_incidents"
    HANDLE_FINDINGS = "handle_findings"
    HANDLE_COOKIES = "handle_cookies"
    RECORD_NOTICES = "record_notices"
    DESCRIBE_PROCESSING = "describe_processing"
    REVIEW_ACCESS = "review_access"
    RECORD_CONTROLS = "record_controls"
    TELL_FIGURES = "tell_figures"


LANGUAGES: tuple[str, ...] = ("sv", "en")
