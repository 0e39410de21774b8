import type * as z from 'zod';
import { email } from './email.js';
import { webhook } from './webhook.js';

/**
 * What may receive notices, by the word of fleet.yaml: the form of its settings. Add one here, and its
 * channel in `src/notify/adapters.ts`, which does not compile without.
 */
export const RECEIVER_FORMS = {
  webhook,
  email,
};

export type ReceiverKind = keyof typeof RECEIVER_FORMS;

/** The settings of a kind of receiver, as they are written: secrets are references. */
export type ReceiverSettings = {
  readonly [Kind in ReceiverKind]: z.output<(typeof RECEIVER_FORMS)[Kind]>;
};

export const RECEIVER_KINDS = Object.keys(RECEIVER_FORMS) as readonly ReceiverKind[];
