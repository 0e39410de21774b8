import { webcrypto } from 'node:crypto';

export interface Received {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/**
 * A receiver's check of Standard Webhooks 1.0.0, written from the specification and not with the code that
 * signs: throws what is wrong. `secrets` are those that the receiver has; one of them must have signed.
 */
export async function verifyWebhook(
  { headers, body }: Received,
  secrets: readonly string[],
  now = Date.now(),
): Promise<void> {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers;
  if (!id || !at || !signatures) throw new Error('a header is missing');
  if (!/^\d+$/.test(at)) throw new Error(`not seconds: ${at}`);
  if (Math.abs(now / 1000 - Number(at)) > 300) throw new Error('older than five minutes');
  for (const secret of secrets) {
    const raw = Uint8Array.from(atob(secret.slice('whsec_'.length)), (char) => char.charCodeAt(0));
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await webcrypto.subtle.importKey('raw', raw, hmac, false, ['verify']);
    const signed = new TextEncoder().encode(`${id}.${at}.${body}`);
    for (const each of signatures.split(' ')) {
      const [version, signature = ''] = each.split(',');
      const bytes = Uint8Array.from(atob(signature), (char) => char.charCodeAt(0));
      if (version === 'v1' && (await webcrypto.subtle.verify('HMAC', key, bytes, signed))) return;
    }
  }
  throw new Error('no signature fits');
}
