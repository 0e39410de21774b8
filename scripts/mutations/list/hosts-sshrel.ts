import type { Mutation } from '../mutation.js';

const REVOKED = 'test/transport/known-hosts/revoked-keys.test.ts';

/** Host keys that no file vouches for, and what a release brings along. */
export const HOSTS_SSH_MUTATIONS: readonly Mutation[] = [
  {
    name: 'revoked host keys',
    protects: 'a key that a file revokes is taken from no host',
    file: 'src/transport/known-hosts/check.ts',
    find: 'if (revoked.has(key)) return',
    without: 'if (false) return',
    noticedBy: [`${REVOKED} > the key of a host is refused where it is revoked`],
  },
  {
    name: 'a list of revoked keys that is cut off',
    protects: 'of a list that cannot be read to its end no key is trusted',
    file: 'src/transport/packet.ts',
    find: "if (at + length > packet.length) throw new RangeError('it ends in the middle');",
    without: '',
    noticedBy: [`${REVOKED} > no host is trusted where the file`],
  },
  {
    name: 'nowhere to record a host key',
    protects: 'accept-new takes one key at first sight, not any key each time',
    file: 'src/transport/known-hosts/record.ts',
    find: ' && recordFile(host) !== null',
    without: '',
    noticedBy: ['test/transport/known-hosts/nowhere-to-record.test.ts > a new key is not accepted'],
  },
  {
    name: 'links out of a release',
    protects: 'a link leaves the release only where fleet.yaml allows it',
    file: 'src/host/program/release/45-tree.sh',
    find: '[ "$A_links" = allow ] || check_link',
    without: ':',
    noticedBy: ['test/host/archives.test.ts > is refused and leaves nothing'],
  },
  {
    name: 'login of a jump host',
    protects:
      'a jump host is not given the user and key that ssh_config has for the host behind it',
    file: 'src/config/inventory/resolve/lookup.ts',
    find: "return found?.origin.kind === 'inventory' ? found : undefined;",
    without: 'return found;',
    noticedBy: [
      'test/config/ssh-config/ssh-config-defaults.test.ts > a jump host has its own user',
    ],
  },
];
