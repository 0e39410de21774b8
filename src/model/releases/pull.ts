import * as z from 'zod';
import type { Shape } from '../text/shape.js';

/** How hosts fetch a release themselves, instead of getting it over SSH. */
export const pullSchema = () =>
  z.object({
    /**
     * Where: an https URL without a secret, or a reference to one (`env:NAME`, `file:PATH`). `{sha256}` in it is that
     * of the archive. Null for the URL of `release.from`.
     */
    url: z.string().nullable(),
    /** How the bastion puts the archive there first: a URL to PUT to, in the same form, or a command; null if neither. */
    put: z.string().nullable(),
    upload: z.string().nullable(),
    /** `auto`: only if sending it to all hosts would take longer than the budget. */
    when: z.enum(['always', 'auto']),
    /** What the bastion can send to all hosts together, in bytes a second. */
    egress: z.number(),
    budgetMs: z.number(),
    /** The file on each host with the certificates that it trusts; null for those of its system. */
    caFile: z.string().nullable(),
    /** What is done for a host that cannot fetch it. */
    onFailure: z.enum(['push', 'fail']),
  });

export type PullSettings = Shape<typeof pullSchema>;
