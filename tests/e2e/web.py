"""The API as a program of somebody else's sees it: requests, and the document that promises what comes back."""
import http.client
import json
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

BASE = "/api/v1"
SECRET = "open sesame 1"


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes = field(repr=False)

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    def next(self):
        found = re.fullmatch(r'<([^>]+)>; rel="next"', self.headers.get("link", ""))
        return found and found.group(1)


class Web:
    """Somebody who asks a running site: not signed in, with a session, or with a token."""

    def __init__(self, site, cookie=None, token=None):
        self.site, self.cookie, self.token = site, cookie, token
        self.url = urlsplit((site.dir / "http").read_text().strip())

    def connect(self, timeout=30):
        if self.url.scheme == "https":
            trusting = ssl._create_unverified_context()  # a certificate of the region's own
            return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout, context=trusting)
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)

    def ask(self, method, path, body=None, query=None, key=None, connection=None, **headers):
        """`body`: an object for JSON, text or bytes as they are. Headers by their names with underscores."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if key:
            headers["Idempotency-Key"] = key
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if not path.startswith("/api/") and path.startswith("/"):
            path = BASE + path
        if query:
            path += "?" + urlencode(query, doseq=True)
        own = connection is None
        connection = connection or self.connect()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()},
                          response.read())
        finally:
            if own:
                connection.close()

    def get(self, path, query=None, **headers):
        return self.ask("GET", path, query=query, **headers)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, {} if body is None else body, **more)

    def sign_in(self, name, secret=SECRET):
        answer = self.post("/session", {"name": name, "secret": secret})
        if answer.status != 200:
            raise AssertionError(f"{name} cannot sign in: {answer.status} {answer.text}")
        cookie = re.match(r"((?:__Host-)?dangol-\d+=[0-9a-f]+);", answer.headers["set-cookie"]).group(1)
        return Web(self.site, cookie)


def account(site, name, role, *args):
    """Signs a new account in. The site's `serve` runs."""
    path = site.region.write(f"secret-{name}", SECRET + "\n")
    site.run("user", "add", name, "--role", role, "--password-file", path, *args)
    return Web(site).sign_in(name)


def till(site, name):
    return Web(site, token=site.run("user", "token", name)["token"])


# ---- The document ----

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
FORMATS = {"date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)", "date": r"\d{4}-\d\d-\d\d"}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def resolve(document, schema):
    while "$ref" in schema:
        node = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def faults(document, schema, value, where="$"):
    """What is wrong with a value by a schema, as far as the document uses JSON Schema; [] when nothing is."""
    schema = resolve(document, schema)
    if "anyOf" in schema:
        every = [faults(document, one, value, where) for one in schema["anyOf"]]
        return min(every, key=len)
    wanted = schema.get("type")
    if wanted is not None:
        names = [wanted] if isinstance(wanted, str) else wanted
        if not any(is_type(value, name) for name in names):
            return [f"{where}: {value!r} is not {names}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if isinstance(value, str):
        for pattern in filter(None, (schema.get("pattern"), FORMATS.get(schema.get("format")))):
            if not re.search(f"^(?:{pattern})$", value):
                found.append(f"{where}: {value!r} does not look like {pattern}")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{where}: no {name}" for name in schema.get("required", ()) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{where}: {name} is not in the document" for name in value if name not in properties]
        for name in value.keys() & properties.keys():
            found += faults(document, properties[name], value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += faults(document, schema["items"], item, f"{where}[{i}]")
    return found
