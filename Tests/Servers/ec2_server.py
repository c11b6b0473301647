#!/usr/bin/env python3
"""A scripted EC2 on 127.0.0.1 that knows botocore's model; prints its port, ends with its stdin.

Each call must be signed, and must be one that botocore's model of EC2 describes: every parameter
known, of its type, lists numbered from one, nothing required missing, nothing said twice. A call
that is not gets the error WireFault. Answers are checked by the same model when they are scripted.

  PUT /answer/ACTION/STATUS[?times=N]  what the next call (or N calls) of the action gets; else an
                                       empty answer. STATUS 0: it closes without an answer.
  PUT /parameter/NAME                  a parameter of Systems Manager
  GET /log                             one line for each call so far: the action, its parameters
"""

import base64
import json
import re
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import botocore.session
import signatures

MODEL = botocore.session.get_session().get_service_model("ec2")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class WireFault(Exception):
    """What the model does not allow."""


def sent_name(name, shape):
    """The rule of the EC2 protocol for names of parameters."""
    known = shape.serialization
    if "queryName" in known:
        return known["queryName"]
    given = known.get("name", name)
    return given[0].upper() + given[1:]


def tree(form):
    """`A.1.B=c` as {"A": {"1": {"B": "c"}}}."""
    root = {}
    for name, value in form:
        *path, last = name.split(".")
        place = root
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise WireFault(f"{name}: both a value and a structure")
        if last in place:
            raise WireFault(f"{name}: given twice")
        place[last] = value
    return root


def parsed(shape, value, place):
    """The parameters as boto3 would take them; raises WireFault for what it would not."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise WireFault(f"{place}: a structure must be here")
        names = {sent_name(name, member): name for name, member in shape.members.items()}
        unknown = set(value) - set(names)
        if unknown:
            raise WireFault(f"{place}: no parameter {sorted(unknown)}")
        found = {
            names[key]: parsed(shape.members[names[key]], inner, f"{place}.{key}")
            for key, inner in value.items()
        }
        missing = set(shape.required_members) - set(found)
        if missing:
            raise WireFault(f"{place}: {sorted(missing)} required")
        return found
    if shape.type_name == "list":
        if not isinstance(value, dict) or list(value) != [str(n + 1) for n in range(len(value))]:
            raise WireFault(f"{place}: a list numbered from one, in order, must be here")
        return [parsed(shape.member, value[n], f"{place}.{n}") for n in value]
    return scalar(shape, value, place)


def scalar(shape, value, place):
    if not isinstance(value, str):
        raise WireFault(f"{place}: a plain value must be here")
    if shape.type_name in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", value):
            raise WireFault(f"{place}: not a number: {value}")
        low, high = (shape.metadata.get(key) for key in ("min", "max"))
        if low is not None and int(value) < low or high is not None and int(value) > high:
            raise WireFault(f"{place}: {value} is not within {low} and {high}")
        return int(value)
    if shape.type_name == "boolean":
        if value not in ("true", "false"):
            raise WireFault(f"{place}: neither true nor false: {value}")
        return value == "true"
    if shape.type_name == "timestamp" and not TIME.fullmatch(value):
        raise WireFault(f"{place}: not a time: {value}")
    if getattr(shape, "enum", None) and value not in shape.enum:
        raise WireFault(f"{place}: not one of the known values: {value}")
    if shape.name == "RunInstancesUserData":
        base64.b64decode(value, validate=True)
    return value


def check_answer(shape, element):
    """Raises WireFault for an answer that EC2 could not give."""
    if shape.type_name == "structure":
        members = {m.serialization.get("name", n): m for n, m in shape.members.items()}
        for child in element:
            if child.tag not in members:
                raise WireFault(f"{element.tag} has no {child.tag}")
            check_answer(members[child.tag], child)
    elif shape.type_name == "list":
        for child in element:
            if child.tag != "item":
                raise WireFault(f"{element.tag} is a list, not {child.tag}")
            check_answer(shape.member, child)
    elif len(element):
        raise WireFault(f"{element.tag} is a plain value")
    elif getattr(shape, "enum", None) and element.text not in shape.enum:
        raise WireFault(f"{element.tag} is never {element.text}")


class World:
    lock = threading.Lock()
    answers = {}
    parameters = {}
    log = []


def error(code, message):
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>request-1</RequestID></Response>"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, body):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        with World.lock:
            self.answer(200, "\n".join(World.log))

    def do_PUT(self):
        body = self.body()
        parts = urlsplit(self.path)
        kind, name = parts.path.strip("/").split("/", 1)
        if kind == "parameter":
            World.parameters["/" + unquote(name).lstrip("/")] = body.decode()
            return self.answer(200, "")
        action, status = name.split("/")
        if int(status) == 200:
            try:
                root = ElementTree.fromstring(body)
                if root.tag != action + "Response":
                    raise WireFault(f"not a {action}Response")
                shape = MODEL.operation_model(action).output_shape
                for child in list(root):
                    if child.tag in ("requestId", "return"):
                        root.remove(child)
                if shape is not None:
                    check_answer(shape, root)
            except Exception as wrong:
                return self.answer(400, repr(wrong))
        times = int(parse_qs(parts.query).get("times", ["1"])[0])
        with World.lock:
            queue = World.answers.setdefault(action, deque())
            queue.extend([(int(status), body)] * times)
        self.answer(200, "")

    def do_POST(self):
        body = self.body()
        wrong = signatures.fault(self, body)
        if wrong:
            return self.answer(403, error("WireFault", wrong))
        if "X-Amz-Target" in self.headers:
            return self.parameter(json.loads(body))
        try:
            form = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
            form = [pair for pair in form if pair[0] not in ("Action", "Version")]
            action = parse_qs(body.decode())["Action"][0]
            shape = MODEL.operation_model(action).input_shape
            parameters = parsed(shape, tree(form), action)
        except Exception as wrong:
            return self.answer(400, error("WireFault", repr(wrong)))
        with World.lock:
            World.log.append(f"{action} {json.dumps(parameters, sort_keys=True)}")
            queue = World.answers.get(action)
            empty = f"<{action}Response/>".encode()
            status, answer = queue.popleft() if queue else (200, empty)
        if status == 0:
            self.close_connection = True
            return
        self.answer(status, answer)

    def parameter(self, question):
        with World.lock:
            World.log.append(f"GetParameter {question['Name']}")
            value = World.parameters.get(question["Name"])
        if value is None:
            return self.answer(400, json.dumps({"__type": "ParameterNotFound"}))
        found = {"Name": question["Name"], "Value": value, "Version": 1, "Type": "String"}
        self.answer(200, json.dumps({"Parameter": found}))


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
