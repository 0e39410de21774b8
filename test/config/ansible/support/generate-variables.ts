import fc from 'fast-check';
import { ADDRESSES, GROUPS, pick, QUOTED_SSH_ARGS, SSH_ARGS, USERS } from './generate-values.js';

export type Text = fc.Arbitrary<string>;

const ARGS = ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'];

/** Variables of a connection as NAME and the text of the value, without quotes of the file's form. */
export const connection: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(pick(['ansible_host', 'ansible_ssh_host']), pick(ADDRESSES)),
  fc.tuple(pick(['ansible_port', 'ansible_ssh_port']), pick(['22', '2222', '65535'])),
  fc.tuple(pick(['ansible_user', 'ansible_ssh_user']), pick(USERS)),
  fc.tuple(
    pick(['ansible_ssh_private_key_file', 'ansible_private_key_file']),
    pick(['~/.ssh/id', '/k/id', 'keys/id']),
  ),
  fc.tuple(pick(ARGS), pick([...SSH_ARGS, ...QUOTED_SSH_ARGS].map(([text]) => text))),
);

export const NAMES = ['x', 'y', 'http_port', 'x.y', 'Role'];
export const priority = fc.tuple(
  fc.constant('ansible_group_priority'),
  pick(['2', '5', '10', '-1']),
);

/**
 * Groups that a group may hold: those after it, so that a circle, which Ansible refuses, is rare. `all`
 * and `ungrouped` may hold any.
 */
export const childrenOf = (group: string): Text => {
  const groups = GROUPS.slice(0, 7);
  const below = groups.slice(groups.indexOf(group) + 1);
  return pick(below.length === 0 ? ['g1'] : below);
};
