import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { expandHostRange } from '../../../model/text/host-range.js';
import { groupName, labelKey, many, port, section, text } from '../../schema/words.js';
import { SSH_ROWS, SSH_SETTINGS, type SshKey } from '../../settings/ssh-settings.js';

/** An IPv6 address has two colons at least; one alone would be that of a port. */
export const address = text(
  /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?)$/,
  'a DNS name or an IP address',
);
/** The schema of every setting, under its key. */
type SshShape = { readonly [Key in SshKey]: z.ZodOptional<(typeof SSH_SETTINGS)[Key]['schema']> };

const sshSchema = section(
  Object.fromEntries(SSH_ROWS.map(([key, { schema }]) => [key, schema.optional()])) as SshShape,
);

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
    const message = `a host name has no colon: ${pattern}`;
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
  user: SSH_SETTINGS.user.schema.optional(),
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
export type LayeredYaml = Pick<InventoryYaml, 'ssh' | 'labels' | 'vars'>;

/** What is wrong with a name from another form of inventory; null where nothing is. */
export const hostNameProblem = (name: string): string | null => firstMessage(hostName, name);

function firstMessage(schema: z.ZodType, name: string): string | null {
  const [issue] = schema.safeParse(name).error?.issues ?? [];
  if (issue === undefined) return null;
  return issue.code === 'custom' ? issue.message : `${name} is not ${issue.message}`;
}
