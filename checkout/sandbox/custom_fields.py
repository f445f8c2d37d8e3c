"""The shop's own fields on the page, and the consent it asks for: offered, answered, judged."""

from collections.abc import Mapping

from msgspec import UNSET

from checkout.sandbox.errors import parameter
from checkout.sandbox.session_objects import Consent, CustomField, Dropdown, FieldLabel, FieldOption, Session, TextField
from checkout.sandbox.session_parameters import CustomFieldParams, FieldTextParams

PREFIX = "custom_"
NEEDED = "Required"


def made(params: list[CustomFieldParams]) -> list[CustomField]:
    """The fields of a new session."""
    keys = [field.key for field in params]
    if len(set(keys)) < len(keys):
        raise parameter("Custom field keys must be unique.", "custom_fields")
    return [_made(field, f"custom_fields[{place}]") for place, field in enumerate(params)]


def _made(params: CustomFieldParams, path: str) -> CustomField:
    field = CustomField(
        key=params.key, label=FieldLabel(custom=params.label.custom), optional=bool(params.optional), type=params.type
    )
    if params.type == "dropdown":
        if params.dropdown is None:
            raise parameter("A dropdown needs its options.", f"{path}[dropdown]", "parameter_missing")
        options = [FieldOption(label=option.label, value=option.value) for option in params.dropdown.options]
        field.dropdown = Dropdown(default_value=params.dropdown.default_value, options=options)
    elif params.type == "numeric":
        field.numeric = _text(params.numeric)
    else:
        field.text = _text(params.text)
    return field


def _text(params: FieldTextParams | None) -> TextField:
    given = params or FieldTextParams()
    return TextField(
        default_value=given.default_value, maximum_length=given.maximum_length, minimum_length=given.minimum_length
    )


def default(field: CustomField) -> str:
    """What stands in a field before anybody typed."""
    return next((part.default_value or "" for part in (field.dropdown, field.numeric, field.text) if part), "")


def read(form: Mapping[str, str], session: Session, errors: dict[str, str]) -> dict[str, str]:
    """What the buyer answered, by key; what is wrong goes into `errors` by the name of the input."""
    answers = {}
    for field in session.custom_fields:
        name = PREFIX + field.key
        text = form.get(name, "").strip()
        problem = _problem(field, text)
        if problem:
            errors[name] = problem
        elif text:
            answers[field.key] = text
    collection = session.consent_collection
    if collection and collection.terms_of_service == "required" and not form.get("terms"):
        errors["terms"] = "You must accept the terms to continue."
    return answers


def keep(session: Session, answers: Mapping[str, str], terms: bool, promotions: bool) -> None:
    """Write the answers into the session."""
    for field in session.custom_fields:
        for part in (field.dropdown, field.numeric, field.text):
            if part is not UNSET:
                part.value = answers.get(field.key) or part.value
    asked = session.consent_collection
    if asked is not None:
        session.consent = Consent(
            promotions=("opt_in" if promotions else "opt_out") if asked.promotions == "auto" else None,
            terms_of_service="accepted" if terms and asked.terms_of_service == "required" else None,
        )


def _problem(field: CustomField, text: str) -> str:
    if not text:
        return "" if field.optional else NEEDED
    if field.dropdown is not UNSET:
        return "" if text in [option.value for option in field.dropdown.options] else "Choose one of these."
    if field.numeric is not UNSET and not (text.isascii() and text.isdigit()):
        return "Only digits, please."
    limits = field.numeric if field.numeric is not UNSET else field.text
    if limits is not UNSET and len(text) < (limits.minimum_length or 0):
        return f"At least {limits.minimum_length} characters, please."
    if len(text) > ((limits.maximum_length if limits is not UNSET else None) or 255):
        return "This is too long."
    return ""
