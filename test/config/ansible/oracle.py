#!/usr/bin/python3
"""What Ansible itself reads, as the oracle of the differential test.

Each line of stdin is a JSON list of inventory paths; for each one line of JSON comes back: the groups
with hosts and children, and the variables of each host, as `ansible-inventory --list` has them. It uses
Ansible's own classes, for one start of the program takes half a second.
"""
import json
import os
import sys

os.environ.setdefault("ANSIBLE_INVENTORY_IGNORE", ".pyc,.pyo,.swp,.bak,~,.rpm,.md,.txt,.rst,.orig,.cfg,.retry")
os.environ["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "1"
os.chdir("/")

from ansible import context
from ansible.cli.inventory import INTERNAL_VARS
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.context_objects import CLIArgs
from ansible.vars.manager import VariableManager

context.CLIARGS = CLIArgs({"basedir": None, "export": False})


def listing(paths):
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=paths)
    variables = VariableManager(loader=loader, inventory=inventory)
    hosts = {}
    for host in inventory.get_hosts():
        found = variables.get_vars(host=host, include_hostvars=False, stage="all")
        hosts[host.name] = {str(key): plain(found[key]) for key in found if key not in INTERNAL_VARS}
    groups = {
        group.name: {
            "hosts": sorted(host.name for host in group.get_hosts()),
            "children": sorted(child.name for child in group.child_groups),
        }
        for group in inventory.groups.values()
    }
    return {"hosts": hosts, "groups": groups}


def plain(value):
    """Lists, maps and whatever else is no single value: only that it is none is compared."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "isoformat"):
        return str(value)
    return [] if not isinstance(value, dict) else {}


for line in sys.stdin:
    try:
        answer = listing(json.loads(line))
    except Exception as error:  # what Ansible refuses is an answer too
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
