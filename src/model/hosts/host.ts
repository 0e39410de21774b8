import * as z from 'zod';
import { hostNameSchema } from '../names.js';
import type { Shape } from '../text/shape.js';

/** How host keys are treated: `strict` refuses unknown ones, `accept-new` records them once. */
const hostKeyPolicySchema = () => z.enum(['strict', 'accept-new']);

/** The resolved `ssh:` settings of one host; paths are absolute, durations in milliseconds. */
const sshSchema = () =>
  z.object({
    user: z.string(),
    port: z.int(),
    identityFiles: z.array(z.string()),
    /** Socket of the agent, or null to use none. */
    agent: z.string().nullable(),
    /** Offers only those keys of the agent that identity files name. */
    identitiesOnly: z.boolean(),
    /** A secret reference (`env:NAME`, `file:PATH`) to the passphrase of the identity files. */
    passphrase: z.string().nullable(),
    knownHosts: z.array(z.string()),
    hostKeys: hostKeyPolicySchema(),
    /** A file of revoked host keys; undefined if none is named. */
    revokedHostKeys: z.string().optional(),
    /** The name under which the host key is recorded, if it is not the address. */
    hostKeyAlias: z.string().nullable(),
    /** The jump host to log in to first; null if the host is dialled directly. */
    get jump(): z.ZodNullable<z.ZodType<Endpoint>> {
      return endpointSchema().nullable();
    },
    transport: z.enum(['ssh2', 'openssh']),
    connectTimeoutMs: z.number(),
    keepaliveMs: z.number(),
    /** Keep-alives that may stay unanswered in a row; default three. */
    keepaliveCount: z.int().optional(),
    /** As for `ssh -F`: a file, or `none`; undefined for the files that ssh reads by default. */
    configFile: z.string().optional(),
  });

export type SshSettings = Shape<typeof sshSchema>;

/** A value of `vars:`, any data of the inventory. */
const varValueSchema = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

export type VarValue = Shape<typeof varValueSchema>;

/** One SSH server and how to log in there: a host of the fleet, or a jump host. */
const endpointSchema = () =>
  z.object({
    name: z.string(),
    /** What is dialled: a DNS name or an IP address. */
    address: z.string(),
    ssh: sshSchema(),
  });

export type Endpoint = Shape<typeof endpointSchema>;

/** One target machine, with its settings from file, group and host level. */
export const hostSchema = () =>
  endpointSchema().extend({
    name: hostNameSchema(),
    labels: z.record(z.string(), z.string()),
    vars: z.record(z.string(), varValueSchema()),
    /** Every group that contains it, directly or through children, sorted. */
    groups: z.array(z.string()),
  });

export type Host = Shape<typeof hostSchema>;
