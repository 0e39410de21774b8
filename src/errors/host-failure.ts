import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from './codes.js';

const codes = Object.keys(ERROR_CODES) as readonly ErrorCode[];

/** A code of a newer fleet, in what an older one reads, is one that this fleet cannot explain. */
const codeSchema = () => z.enum(codes).catch('internal');

/** Why one host failed: a value, never thrown. Texts are free of control characters. */
export const hostFailureSchema = () =>
  z.object({
    code: codeSchema(),
    message: z.string(),
    /**
     * How the message names the host, if it does; left out when one message is shown for many
     * hosts.
     */
    place: z.string().optional(),
    /** The verb of the host program that failed, if one was sent. */
    step: z.string().optional(),
    /** The exit code, or the signal's name; absent if the step never ended. */
    exit: z.union([z.number(), z.string()]).optional(),
    /** Last lines of the step's stderr. */
    stderr: z.array(z.string()).readonly().optional(),
    /** Last lines of the unit's journal. */
    journal: z.array(z.string()).readonly().optional(),
    /** What those lines are if the journal could not be read. */
    journalOf: z.literal('status').optional(),
    /** The next command to type, or the remedy. */
    hint: z.string().optional(),
  });

export type HostFailure = Readonly<z.infer<ReturnType<typeof hostFailureSchema>>>;
