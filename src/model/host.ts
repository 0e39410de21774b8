import * as z from 'zod';
import { hostNameSchema } from './names.js';
import type { Shape } from './shape.js';

/** How host keys are treated: `strict` refuses unknown ones, `accept-new` records them once. */
const hostKeyPolicySchema = () => z.enum(['strict', 'accept-new']);

/** The resolved `ssh:` settings of one host; paths are absolute, durations in milliseconds. */
const sshSchema = () =>
  z.object({
    user: z.string(),
    port: z.int(),
    identityFiles: z.array(z.string()),
    /** Socket of the agent, or null where none is to be asked. */
    agent: z.string().nullable(),
    /** Offers no key of the agent but those of the identity files. */
    identitiesOnly: z.boolean(),
    /** A secret reference (`env:NAME`, `file:PATH`) to the passphrase of the identity files. */
    passphrase: z.string().nullable(),
    knownHosts: z.array(z.string()),
    hostKeys: hostKeyPolicySchema(),
    /** A file of host keys that are taken from no host; undefined where none is named. */
    revokedHostKeys: z.string().optional(),
    /** The name under which the host key is recorded, where that is not the address. */
    hostKeyAlias: z.string().nullable(),
    /** Where to log in first, to reach this one from there; null where it is dialled from here. */
    get jump(): z.ZodNullable<z.ZodType<Endpoint>> {
      return endpointSchema().nullable();
    },
    transport: z.enum(['ssh2', 'openssh']),
    connectTimeoutMs: z.number(),
    keepaliveMs: z.number(),
    /** Signs of life that may stay unanswered in a row; three where nobody says. */
    keepaliveCount: z.int().optional(),
    /** As for `ssh -F`: a file, or `none`; undefined for the files that ssh reads by itself. */
    configFile: z.string().optional(),
  });

export type SshSettings = Shape<typeof sshSchema>;

/** A value of `vars:`; whatever the inventory holds, as data. */
const varValueSchema = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

export type VarValue = Shape<typeof varValueSchema>;

/** One SSH server and how to log in there: a host of the fleet, or a jump host on the way. */
const endpointSchema = () =>
  z.object({
    name: z.string(),
    /** What is dialled: a DNS name or an IP address. */
    address: z.string(),
    ssh: sshSchema(),
  });

export type Endpoint = Shape<typeof endpointSchema>;

/** One target machine, with everything that file, group and host level say of it. */
export const hostSchema = () =>
  endpointSchema().extend({
    name: hostNameSchema(),
    labels: z.record(z.string(), z.string()),
    vars: z.record(z.string(), varValueSchema()),
    /** Every group that holds it, directly or through children, sorted. */
    groups: z.array(z.string()),
  });

export type Host = Shape<typeof hostSchema>;
