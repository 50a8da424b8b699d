"""The floor of a plan: the same lists fetched page by page, ten requests at once, and parsed; nothing else.

Usage: python tests/benchmarks/floor.py URL   (prints rows, calls, wall and CPU seconds as JSON)

Machines differ by a factor of two and more, so that fleet.py shows its figures as multiples of this one's in the same
run. It shares no code with ecsplan.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.parse import quote

import requests

AT_ONCE = 10
LISTS = (
    ("DescribeInstances", 100, "Instances", "Instance"),
    ("DescribeDisks", 100, "Disks", "Disk"),
    ("DescribeNetworkInterfaces", 100, "NetworkInterfaceSets", "NetworkInterfaceSet"),
    ("DescribeSecurityGroups", 100, "SecurityGroups", "SecurityGroup"),
    ("DescribeKeyPairs", 50, "KeyPairs", "KeyPair"),
    ("DescribeSnapshots", 100, "Snapshots", "Snapshot"),
)


class Reader:
    def __init__(self, url: str) -> None:
        self.url, self.numbers, self.calls = url, count(1), 0
        self.session = requests.Session()
        self.session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
        self.pool = ThreadPoolExecutor(AT_ONCE)

    def page(self, action: str, size: int, number: int) -> dict[str, Any]:
        self.calls = next(self.numbers)
        answer = self.session.post(self.url, data=signed({"Action": action, "PageSize": size, "PageNumber": number}))
        answer.raise_for_status()
        return dict(json.loads(answer.content))

    def whole(self, action: str, size: int, outer: str, inner: str) -> int:
        """How many things the list has; all are held until they are counted."""
        first = self.page(action, size, 1)
        numbers = range(2, -(-int(first["TotalCount"]) // size) + 1)
        rest = self.pool.map(lambda number: self.page(action, size, number), numbers)
        return len([row for page in (first, *rest) for row in page[outer][inner]])


def signed(given: Mapping[str, object]) -> dict[str, str]:
    params = {name: str(value) for name, value in given.items()} | {
        "Version": "2014-05-26", "Format": "JSON", "RegionId": "cn-hangzhou", "AccessKeyId": "emulator",
        "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(params.items()))
    digest = hmac.new(b"emulator-secret&", f"POST&%2F&{quote(query, safe='~')}".encode(), hashlib.sha1).digest()
    return params | {"Signature": base64.b64encode(digest).decode()}


def main(url: str) -> None:
    reader = Reader(url)
    started, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(len(LISTS)) as lists:
        rows = sum(lists.map(lambda one: reader.whole(*one), LISTS))
    spent = {"wall": time.perf_counter() - started, "cpu": time.process_time() - cpu}
    print(json.dumps({"rows": rows, "calls": reader.calls, **spent}))
    reader.pool.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
