import { resolve } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { secretsOfUrl, wordsOfPath } from '../../errors/secret-words.js';
import { readPrivateFile } from '../../files/private-file.js';
import type { Context } from './context.js';

/**
 * Resolves a secret reference, `env:NAME` or `file:PATH` (relative to the working directory),
 * without its last newline. Throws `secret_unavailable`; its value is in no message.
 */
export async function readSecret(context: Context, reference: string): Promise<string> {
  const secret = await readReference(context, reference);
  addSecret(context, secret);
  return secret;
}

/** From now on, no event of this process has it. */
function addSecret({ secrets }: Context, secret: string): void {
  for (const part of [secret, ...secretsOfUrl(secret), ...wordsOfPath(secret)]) secrets.add(part);
}

async function readReference(context: Context, reference: string): Promise<string> {
  const [kind, name] = splitReference(reference);
  if (kind === 'env') {
    const value = context.env[name];
    if (value !== undefined && value !== '') return value;
    throw unavailable(reference, `the environment variable ${name} is not set`);
  }
  const found = await readPrivateFile(resolve(context.cwd, name)).catch((cause: unknown) => {
    throw unavailable(reference, `${name} cannot be read`, { cause });
  });
  if (found.openMode !== null) {
    const reason = `other users may read ${name} (mode ${found.openMode})`;
    throw unavailable(reference, reason, { hint: `chmod 600 ${name}` });
  }
  return found.text.toString('utf8').replace(/\r?\n$/, '');
}

function splitReference(reference: string): readonly ['env' | 'file', string] {
  const colon = reference.indexOf(':');
  const kind = reference.slice(0, colon);
  if (kind === 'env' || kind === 'file') return [kind, reference.slice(colon + 1)];
  throw unavailable(reference, 'write it as env:NAME or file:PATH');
}

function unavailable(
  reference: string,
  reason: string,
  more: { readonly cause?: unknown; readonly hint?: string } = {},
): FleetError {
  return new FleetError('secret_unavailable', `no secret for ${reference}: ${reason}`, more);
}
