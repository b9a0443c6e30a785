"""One call of every route of the API, for the tests that walk through its document."""
import re

from web import SECRET


class Calls:
    """One call of every route. The things that a call needs are made by those before it; `{name}` in a path or body is
    one of them, by what it was called when it was made."""

    LINES = [{"sku": "COAT-3", "quantity": 1, "amount": 180000, "list_amount": 200000},
             {"sku": "FACIAL", "quantity": 1, "amount": 90000}]

    # (who, method, path, body or query, what the answer's id is called)
    NODE = [
        ("assistant", "PUT", "/staff/{staff}", None, None),
        ("manager", "PUT", "/staff/kim", {"role": "assistant", "name": "Kim Made-Up"}, None),
        ("manager", "PUT", "/staff/lee", {"role": "manager"}, None),
        ("manager", "PUT", "/staff/kim/pin", {"secret": "4711"}, None),
        ("assistant", "POST", "/customers", {"name": "Example Ann", "phone": "010-0000-0001", "card": "A1",
                                             "birthday": "1990-02-28", "told": True, "rules_shown": True}, "ann"),
        ("till", "POST", "/customers", {"name": "Example Bob", "card": "B1"}, "bob"),
        ("till", "POST", "/purchases", {"card": "A1", "lines": LINES, "package": ["FACIAL,10"]}, "sale"),
        ("till", "POST", "/purchases", {"lines": LINES[:1]}, "anonymous"),
        ("till", "POST", "/purchases", {"lines": LINES[:1]}, "another"),
        ("assistant", "POST", "/purchases/{anonymous}/customer", {"customer": "{ann}"}, None),
        ("assistant", "POST", "/purchases/{sale}/returns", {"lines": [{"sku": "COAT-3", "quantity": 1,
                                                                       "amount": 180000}]}, "return"),
        ("assistant", "POST", "/returns", {"card": "A1", "lines": LINES[:1]}, None),
        ("manager", "POST", "/events/{return}/void", {"reason": "typed by mistake"}, None),
        ("assistant", "PATCH", "/customers/{ann}", {"taste": "green", "email": "ann@example.org"}, None),
        ("assistant", "POST", "/customers/{ann}/contacts", {"kind": "call", "purpose": "care", "outcome": "reached",
                                                            "note": "liked the coat"}, None),
        ("assistant", "POST", "/customers/{ann}/consents", {"purpose": "news", "given": True}, None),
        ("assistant", "POST", "/customers/{ann}/tags", {"label": "opera"}, None),
        ("assistant", "POST", "/customers/{ann}/relations", {"kind": "companion", "other": "{bob}"}, None),
        ("manager", "POST", "/customers/{ann}/custodian", {"custodian": "kim"}, None),
        ("manager", "POST", "/customers/{ann}/grants", {"tier": "gold"}, None),
        ("assistant", "POST", "/customers/{bob}/left", {"reason": "no-care"}, None),
        ("assistant", "POST", "/customers/{ann}/benefits", {"kind": "coupon", "cost": 5000}, None),
        ("till", "POST", "/customers/{ann}/redemptions", {"points": 1}, None),
        ("assistant", "POST", "/customers/{ann}/sessions", {"sale": "{sale}", "sku": "FACIAL"}, None),
        ("manager", "POST", "/customers/{ann}/checks", {"valid": "yes"}, None),
        ("manager", "POST", "/handovers", {"from": "kim", "to": "lee"}, None),
        ("manager", "POST", "/reviews", {"files": 2}, None),
        ("assistant", "POST", "/complaints", {"card": "A1", "channel": "counter", "text": "a button came off"},
         "complaint"),
        ("assistant", "POST", "/complaints/{complaint}/steps/listen", {"text": "heard out"}, None),
        ("assistant", "POST", "/complaints/{complaint}/pause", {"reason": "abroad"}, None),
        ("assistant", "POST", "/complaints/{complaint}/resume", {}, None),
        ("assistant", "POST", "/complaints/{complaint}/steps/outcome",
         {"text": "is content", "satisfied": "yes", "score": 5, "skip_reason": "settled at once"}, None),
        ("manager", "POST", "/complaints/{complaint}/reopen", {"text": "it came off again"}, None),
        ("manager", "POST", "/complaints/{complaint}/route", {"level": "region"}, None),
        ("assistant", "POST", "/promises", {"customer": "{ann}", "by": "2031-01-31", "text": "a new button"},
         "promise"),
        ("assistant", "POST", "/promises/{promise}/keep", {}, None),
        ("assistant", "POST", "/marks", {"kind": "rainy"}, None),
        ("manager", "POST", "/gatherings", {"name": "Tea", "cost": 30000}, "gathering"),
        ("manager", "POST", "/imports/customers", "Name,Card\nExample Cid,C1\n,\n", None),
        ("manager", "DELETE", "/staff/lee", None, None),
        ("it", "POST", "/users", {"name": "new", "role": "assistant", "secret": SECRET}, None),
        ("it", "PUT", "/users/new", {"role": "manager"}, None),
        ("it", "PUT", "/users/new/secret", {"secret": SECRET + "2"}, None),
        ("it", "POST", "/users/till2/tokens", {"days": 7}, None),
        ("it", "DELETE", "/users/new", None, None),
        ("manager", "DELETE", "/mappings/till", None, None),
        ("manager", "POST", "/verify", {}, None),
        ("desk", "DELETE", "/session", None, None),
    ]
    HUB = [
        ("region", "PUT", "/staff/desk9", {"role": "desk"}, None),
        ("region", "PUT", "/staff/desk9/pin", {"secret": "4711"}, None),
        ("region", "DELETE", "/staff/desk9", None, None),
        ("desk", "POST", "/customers/{ann}/contacts", {"kind": "call", "purpose": "care"}, None),
        ("desk", "POST", "/customers/{ann}/consents", {"purpose": "news", "withdrawn": True}, None),
        ("desk", "POST", "/customers/{ann}/tags", {"label": "theatre"}, None),
        ("desk", "PATCH", "/customers/{ann}", {"taste": "plain"}, None),
        ("desk", "POST", "/customers/{ann}/relations", {"kind": "family", "other": "{bob}"}, None),
        ("desk", "POST", "/customers/{ann}/custodian", {"custodian": "kim"}, None),
        ("region", "POST", "/customers/{ann}/grants", {"tier": "platinum"}, None),
        ("desk", "POST", "/customers/{bob}/left", {"reason": "service"}, None),
        ("desk", "POST", "/handovers", {"from": "kim", "to": "lee"}, None),
        ("manager", "POST", "/customers/{ann}/checks", {"valid": "no", "findings": "has moved"}, None),
        ("region", "POST", "/links", {"a": "{ann}", "b": "{bob}"}, None),
        ("region", "POST", "/unlinks", {"a": "{ann}", "b": "{bob}"}, None),
        ("manager", "POST", "/purchases/{another}/customer", {"customer": "{bob}"}, None),
        ("desk", "POST", "/events/{return}/void", {"reason": "no, it was right", "undo": True}, None),
        ("desk", "POST", "/complaints", {"channel": "hotline", "text": "nobody called back"}, "complaint"),
        ("desk", "POST", "/complaints/{complaint}/steps/listen", {"text": "heard out"}, None),
        ("desk", "POST", "/complaints/{complaint}/pause", {"reason": "abroad"}, None),
        ("desk", "POST", "/complaints/{complaint}/resume", {}, None),
        ("desk", "POST", "/complaints/{complaint}/steps/outcome",
         {"text": "is not content", "satisfied": "no", "score": 2, "skip_reason": "settled at once"}, None),
        ("desk", "POST", "/complaints/{complaint}/reopen", {"text": "again"}, None),
        ("desk", "POST", "/complaints/{complaint}/route", {"level": "company"}, None),
        ("desk", "POST", "/promises", {"customer": "{ann}", "by": "2031-01-31", "text": "a call"}, "promise"),
        ("desk", "POST", "/promises/{promise}/keep", {}, None),
        ("region", "POST", "/gatherings", {"name": "Tea"}, None),
        ("region", "PUT", "/policy", {"set": {"answer-hours": 12}}, None),
        ("region", "POST", "/policy/preview", {"kind": "vip", "set": {"answer-hours": 6}}, None),
        ("region", "POST", "/policy/preview/reports/inactive", {"set": {"inactive-months": "3,12"}}, None),
        ("it", "POST", "/stores", {"store": "77", "name": "Seventy-Seven Street"}, None),
        ("it", "POST", "/stores/77/revoke", {"reason": "never opened"}, None),
        ("it", "POST", "/stores/12/clock", {"from": 1, "to": 1, "ms": 1000}, None),
        ("it", "POST", "/users", {"name": "new", "role": "desk", "secret": SECRET}, None),
        ("it", "PUT", "/users/new", {"role": "region"}, None),
        ("it", "PUT", "/users/new/secret", {"secret": SECRET + "2"}, None),
        ("it", "POST", "/users/till2/tokens", {"days": 7}, None),
        ("it", "DELETE", "/users/new", None, None),
        ("it", "POST", "/verify", {}, None),
        ("region", "POST", "/customers/{bob}/erase", {}, None),
        ("assistant", "DELETE", "/session", None, None),
    ]
    QUERIES = {"/recall": {"card": "A1"}, "/customers": {"text": "Example"}, "/replay/{kind}": {},
               "/customers/{id}/points": {}}
    PLACES = {"kind": {"/reports/{kind}": "gained-lost", "/replay/{kind}": "vip",
                       "/replay/reports/{kind}": "gained-lost"},
              "list": {"/exports/{list}": "vip", "/exports/{list}/{what}": "report"},
              "what": {"/exports/{list}/{what}": "gained-lost"}}
    IMPORT = {"map": "name=Name,card=Card", "save_map": "till"}
    # What is refused for a reason of the test's own data, and is a problem then.
    REFUSED = {("PUT", "/staff/{staff}"): 403, ("PUT", "/staff/desk9/pin"): 409}


def fill(value, made):
    """`{name}` in texts, at any depth."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: made.get(found.group(1), found.group(0)), value)
    if isinstance(value, dict):
        return {key: fill(item, made) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, made) for item in value]
    return value
