import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { expandHostRange } from '../model/host-range.js';
import { hopsOf, JUMP } from './inventory-jump.js';
import {
  choice,
  duration,
  groupName,
  labelKey,
  line,
  many,
  oneOrMore,
  port,
  section,
  text,
  whole,
} from './schema-words.js';

export const user = text(/^[A-Za-z_][A-Za-z0-9_.@-]*\$?$/, 'the name of a login user');
/** An IPv6 address has two colons at least; one alone would be that of a port. */
export const address = text(
  /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?)$/,
  'a DNS name or an IP address',
);
const path = line('a path');
const WAY = '[USER@]HOST[:PORT], several separated by commas, or none';

const sshSchema = section({
  user: user.optional(),
  port: port.optional(),
  identity_file: oneOrMore(path, 'a path, or a list of paths').optional(),
  passphrase: text(/^(env|file):\S.*$/, 'env:NAME or file:PATH').optional(),
  agent: z.union([z.boolean(), path], { error: 'true, false, or the path of a socket' }).optional(),
  known_hosts: oneOrMore(path, 'a path, or a list of paths').optional(),
  host_keys: choice('strict', 'accept-new').optional(),
  jump: oneOrMore(
    text(JUMP, WAY).refine(hasPorts, { error: 'a port is a whole number from 1 to 65535' }),
    `${WAY}; or a list`,
  ).optional(),
  identities_only: z.boolean({ error: 'true or false' }).optional(),
  revoked_host_keys: path.optional(),
  host_key_alias: text(
    /^[A-Za-z0-9._:-]+$/,
    'the name under which a host key is recorded',
  ).optional(),
  transport: choice('ssh2', 'openssh').optional(),
  connect_timeout: duration.optional(),
  keepalive: duration.optional(),
  keepalive_count: whole(1, 1000).optional(),
  config_file: line('a path, or none').optional(),
});

function hasPorts(way: string): boolean {
  return hopsOf(way).every(({ port }) => port === null || (port > 0 && port <= 65_535));
}

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a single value' });
const labels = z.record(labelKey, scalar, { error: 'a map of labels' });
const vars = z.record(z.string(), scalar.nullable(), { error: 'a map of single values' });

/** A host name, with ranges in brackets. */
const HOST = /^[A-Za-z0-9_[][A-Za-z0-9._:[\]-]*$/;
const hostName = text(HOST, 'a host name, such as web1 or web[01:20].example.com').superRefine(
  checkRange,
);
/** An address with a range for each range of the name. */
const addressPattern = z.union(
  [address, text(/^[A-Za-z0-9._:-]*\[[A-Za-z0-9._:[\]-]*$/, 'an address').superRefine(checkRange)],
  {
    error: 'a DNS name or an IP address',
  },
);

function checkRange(pattern: string, context: z.core.$RefinementCtx): void {
  const range = expandHostRange(pattern);
  if (range.kind === 'malformed') context.addIssue({ code: 'custom', message: range.reason });
  else if (!isName(range.names[0] ?? '')) {
    const message = `a host name holds no colon: ${pattern}`;
    const params = { hint: 'a port is set by { name: HOST, port: 2222 }' };
    context.addIssue({ code: 'custom', message, params });
  }
}

const isName = (name: string): boolean => !name.includes(':') || isIPv6(name);

const layered = { ssh: sshSchema.optional(), labels: labels.optional(), vars: vars.optional() };

const hostEntry = section({
  name: hostName,
  address: addressPattern.optional(),
  port: port.optional(),
  user: user.optional(),
  ...layered,
});

const group = section({
  hosts: many(
    z.union([hostName, hostEntry], { error: 'a host name, or a map with name' }),
    'a list of hosts',
  ).optional(),
  children: many(groupName, 'a list of group names').optional(),
  ...layered,
});

/** An inventory file in fleet's own form, as it is written. */
export const inventorySchema = section({
  ...layered,
  groups: z.record(groupName, group, { error: 'a map of groups' }).optional(),
});

type InventoryYaml = z.output<typeof inventorySchema>;
export type GroupYaml = z.output<typeof group>;
export type HostYaml = z.output<typeof hostEntry>;
export type SshYaml = z.output<typeof sshSchema>;
export type LayeredYaml = Pick<InventoryYaml, 'ssh' | 'labels' | 'vars'>;

export { port };

/** What is wrong with a name that stands in another form of inventory; null where nothing is. */
export const hostNameProblem = (name: string): string | null => firstMessage(hostName, name);

function firstMessage(schema: z.ZodType, name: string): string | null {
  const [issue] = schema.safeParse(name).error?.issues ?? [];
  if (issue === undefined) return null;
  return issue.code === 'custom' ? issue.message : `${name} is not ${issue.message}`;
}
