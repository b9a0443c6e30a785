"""Who may what: made-up accounts, whose secrets are no secrets, for whoever wants to try the apps of the demo."""
import os

# At each store two of those who sell there: number, name, role; each with the PIN below.
STAFF = [(1, "Demo Manager", "manager"), (2, "Demo Assistant", "assistant")]
PIN = "1234"
# At the hub, each with the password below.
USERS = [("region", "region"), ("desk", "desk"), ("auditor", "auditor"), ("it", "it")]
PASSWORD = "demo-demo"


class Doors:
    """Makes the accounts, and says who there is."""

    def __init__(self, folder, hub, nodes):
        self.folder, self.hub, self.nodes = folder, hub, nodes

    def secret(self, name, text):
        """A secret is never an argument, which every process could read: it is the first line of a file."""
        with open(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text + "\n")
        return name

    def code(self, node, number):
        """As the till knows them."""
        return f"{node.name[0]}{number}"

    def make(self):
        pin, password = self.secret("demo.pin", PIN), self.secret("demo.password", PASSWORD)
        for node in self.nodes.values():
            for number, name, role in STAFF:
                code = self.code(node, number)
                node.tell("staff", "add", code, "--name", f"{name} {code.upper()}", "--role", role)
                node.tell("staff", "pin", code, "--pin-file", pin)
        for name, role in USERS:
            self.hub.tell("user", "add", name, "--role", role, "--password-file", password)

    def rows(self):
        users = ", ".join(name for name, _ in USERS)
        for node in self.nodes.values():
            yield f"at {node.name}: " + ", ".join(
                f"{self.code(node, number)} ({role})" for number, _, role in STAFF) + f", PIN {PIN}"
        yield f"at the hub: {users}, password {PASSWORD}"

    def addresses(self):
        """The program's word on where it serves HTTP; None: it does not."""
        for site in (self.hub, *self.nodes.values()):
            file = self.folder / site.name / "http"
            yield site.name, file.read_text("utf-8").strip() if file.exists() else None
