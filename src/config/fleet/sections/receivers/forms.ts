import type * as z from 'zod';
import { dingtalk } from './dingtalk.js';
import { email } from './email.js';
import { feishu } from './feishu.js';
import { slack } from './slack.js';
import { teams } from './teams.js';
import { webhook } from './webhook.js';
import { wecom } from './wecom.js';

/**
 * What may receive notices, by the word of fleet.yaml: the form of its settings. Add one here, and its
 * channel in `src/notify/adapters.ts`, which does not compile without.
 */
export const RECEIVER_FORMS = {
  webhook,
  email,
  dingtalk,
  wecom,
  feishu,
  slack,
  teams,
};

export type ReceiverKind = keyof typeof RECEIVER_FORMS;

/** The settings of a kind of receiver, as they are written: secrets are references. */
export type ReceiverSettings = {
  readonly [Kind in ReceiverKind]: z.output<(typeof RECEIVER_FORMS)[Kind]>;
};

export const RECEIVER_KINDS = Object.keys(RECEIVER_FORMS) as readonly ReceiverKind[];
