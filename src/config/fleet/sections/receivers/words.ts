import { text } from '../../../schema/words.js';

/** A secret is never written in fleet.yaml, only where it is. */
const REFERENCE = '(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\\u0000-\\u001f]+)';

export const reference = text(new RegExp(`^${REFERENCE}$`), 'env:NAME or file:PATH');

/** Whether a value says where it is to be read. */
export const isReference = (value: string): boolean => new RegExp(`^${REFERENCE}$`).test(value);

/** Of services whose URL is a secret as a whole: whoever knows it can post there. */
export const secretUrl = text(
  new RegExp(`^${REFERENCE}$`),
  'env:NAME or file:PATH: the URL is a secret, since whoever knows it can post there',
);

/** A receiver on this machine is the only one that may be reached without TLS. */
const PLAIN_URL = String.raw`https://[^\s\u0000-\u001f"'<>\\?#@]+|http://(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?(?:/[^\s\u0000-\u001f"'<>\\?#@]*)?`;

/** A URL with a query or a user may hold a secret, so it has to be named by a reference. */
export const openUrl = text(
  new RegExp(`^(?:${PLAIN_URL}|${REFERENCE})$`),
  'an https URL without ?, # and @, or env:NAME or file:PATH',
).refine((value) => whyGone(value) === null, {
  error: (issue) => whyGone(String(issue.input)) ?? '',
});

/** Why a URL can never work; null if it may. The same is checked of a URL that is read from a reference. */
export function whyGone(url: string): string | null {
  return /^https?:\/\/(?:[^/]*\.)?webhook\.office\.com(?:[/:]|$)/i.test(url)
    ? 'connectors of Office 365 (webhook.office.com) are gone: make a workflow in Teams and use its URL'
    : null;
}
