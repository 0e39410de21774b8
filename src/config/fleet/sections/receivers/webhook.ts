import type * as z from 'zod';
import { choice, oneOrMore, section } from '../../../schema/words.js';
import { openUrl, reference } from './words.js';

/** A program of your own that gets each notice as JSON, signed as Standard Webhooks says. */
export const webhook = section({
  url: openUrl,
  /** Several while a new one is being introduced: each signs. */
  secret: oneOrMore(reference, 'env:NAME or file:PATH, or a list of them').optional(),
  format: choice('standard', 'cloudevents').optional(),
});

export type WebhookYaml = z.output<typeof webhook>;
