import { createHmac } from 'node:crypto';
import type { WebhookYaml } from '../../config/fleet/sections/receivers/webhook.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { RenderContext } from '../channel.js';
import { type HttpRequest, judgeStatus, usableUrl } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { type Letter, lastOf, type Notice } from '../notice.js';
import { bytesOf } from '../text/cut.js';
import { messageOf } from '../text/message.js';

export interface WebhookTarget {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly format: 'standard' | 'cloudevents';
}

/** Standard Webhooks asks for bodies below 20 kB. */
const MOST_BYTES = 20_000;

/**
 * A program of the operator's. The body is what the notice knows, and its title in words. Signed as
 * Standard Webhooks 1.0.0 says: the id is the same at each try, so a receiver leaves out what it has.
 */
export const webhookAdapter: HttpAdapter<WebhookYaml, WebhookTarget> = {
  limits: { perMinute: 120, bytes: MOST_BYTES, muteMs: 0, merges: false },
  async resolve({ url, secret, format = 'standard' }, read) {
    const secrets = await Promise.all([secret ?? []].flat().map(read));
    for (const each of secrets) keyOf(each);
    return { url: usableUrl(await read(url), url), secrets, format };
  },
  render(letter, target, context) {
    const body = bodyOf(letter, target, context);
    const timestamp = `${Math.floor(context.at.getTime() / 1000)}`;
    return {
      url: target.url,
      headers: {
        'content-type': `${CONTENT_TYPES[target.format]}; charset=utf-8`,
        'user-agent': 'fleet',
        'webhook-id': context.id,
        'webhook-timestamp': timestamp,
        ...signatures(target.secrets, `${context.id}.${timestamp}.${body}`),
      },
      body,
    } satisfies HttpRequest;
  },
  judge: judgeStatus,
};

const CONTENT_TYPES = {
  standard: 'application/json',
  cloudevents: 'application/cloudevents+json',
} as const;

/** Several while a secret is replaced: a receiver accepts what one of its own signs. */
function signatures(secrets: readonly string[], signed: string): Readonly<Record<string, string>> {
  if (secrets.length === 0) return {};
  const all = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`,
  );
  return { 'webhook-signature': all.join(' ') };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Throws `config_invalid` for what is no key of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
function keyOf(secret: string): Buffer {
  const written = secret.trim().replace(/^whsec_/, '');
  const key = Buffer.from(written, 'base64');
  if (BASE64.test(written) && key.length >= 24 && key.length <= 64) return key;
  throw new FleetError('config_invalid', 'a secret of a webhook is no key of Standard Webhooks', {
    hint: 'make one: printf "whsec_%s\\n" "$(openssl rand -base64 32)"',
  });
}

function bodyOf(letter: Letter, { format }: WebhookTarget, context: RenderContext): string {
  const last = lastOf(letter);
  const type = `fleet.run.${last.kind}`;
  const { title } = messageOf(letter, context.language);
  for (let most = last.failed.length; ; most = Math.floor(most / 2)) {
    const data = {
      ...dataOf(last, most),
      title,
      test: letter.kind === 'notice' && letter.isTest === true,
    };
    const body = JSON.stringify(
      format === 'standard'
        ? { type, timestamp: last.at, data }
        : {
            specversion: '1.0',
            id: context.id,
            source: `//${encodeURIComponent(context.bastion)}/fleet`,
            type,
            time: last.at,
            subject: last.run,
            datacontenttype: 'application/json',
            data,
          },
    );
    if (most === 0 || bytesOf(body) <= MOST_BYTES) return body;
  }
}

/** Every field of a notice; `failed` has at most so many hosts, and `counts.failed` all of them. */
function dataOf(notice: Notice, most: number) {
  const { kind, seq: _, at: __, stop, ...rest } = notice;
  const failed = notice.failed.slice(0, most);
  return {
    kind,
    ...rest,
    failed,
    stop: stop && { ...stop, hosts: stop.hosts.slice(0, most || 1) },
  };
}
