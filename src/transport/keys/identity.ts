import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import type { ErrorCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import { type PrivateFile, readPrivateFile } from '../../files/private-file.js';

/** How to get a passphrase. It never reaches a log, an event or an error. */
export interface PassphraseSource {
  /** Resolves `env:NAME` or `file:PATH`; rejects with a FleetError if there is none. */
  readonly secret: (reference: string) => Promise<string>;
  /** Asks a person; null if they decline. Absent if there is no one to ask. */
  readonly prompt?: ((question: string) => Promise<string | null>) | undefined;
}

export type Identity =
  | { readonly kind: 'usable'; readonly file: string; readonly key: ParsedKey }
  /**
   * A key that only an agent may hold open: the file is encrypted and no passphrase is at hand, or
   * there is its public half alone. `publicKey` where that can be told.
   */
  | {
      readonly kind: 'sealed';
      readonly file: string;
      readonly publicKey: Buffer | null;
      /** Why it cannot be used unless an agent has the key; null if a passphrase is enough. */
      readonly otherwise: Unusable | null;
    }
  | Unusable;

interface Unusable {
  readonly kind: 'unusable';
  readonly file: string;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint: string;
}

/** Reads an identity file without asking for a passphrase. */
export async function readIdentity(file: string): Promise<Identity> {
  let found: PrivateFile;
  try {
    found = await readPrivateFile(file);
  } catch (error) {
    const hint = 'Set `identity_file` to a private key you can read.';
    return orOfAgent(file, unusable(file, reasonOf(error), hint));
  }
  const { text, openMode } = found;
  const key = parse(text);
  if (key instanceof Error && !/no passphrase given/i.test(key.message)) {
    return unusable(file, key.message, FORMAT_HINT);
  }
  if (!(key instanceof Error) && (openMode === null || !key.isPrivateKey()))
    return usable(file, key);
  // As ssh, fleet uses no private key that others may have read; an agent may still hold it.
  const otherwise = openMode === null ? null : unprotected(file, openMode);
  if (!(key instanceof Error)) {
    return { kind: 'sealed', file, publicKey: key.getPublicSSH(), otherwise };
  }
  const clear = clearPartOf(text);
  const publicKey = clear?.publicKey ?? (await publicKeyBeside(file));
  return { kind: 'sealed', file, publicKey, otherwise: otherwise ?? unopenable(file, clear) };
}

/** What fleet cannot open with any passphrase; then none is asked for. */
function unopenable(file: string, clear: ClearPart | null): Unusable | null {
  if (clear?.cipher !== 'chacha20-poly1305@openssh.com') return null;
  const hint = `Encrypt it by another cipher: ssh-keygen -p -Z aes256-ctr -f ${file}; or load it into an agent with \`ssh-add\`.`;
  return unusable(file, `it is encrypted by ${clear.cipher}, which fleet cannot open`, hint);
}

function unprotected(file: string, mode: string): Unusable {
  return unusable(file, `other users may read it (mode ${mode})`, `chmod 600 ${file}`);
}

/** As with ssh, if only the `.pub` is here, an agent may hold the key. */
async function orOfAgent(file: string, otherwise: Unusable): Promise<Identity> {
  const publicKey = await publicKeyBeside(file);
  return publicKey === null ? otherwise : { kind: 'sealed', file, publicKey, otherwise };
}

async function publicKeyBeside(file: string): Promise<Buffer | null> {
  try {
    const key = parse(await readFile(`${file}.pub`));
    return key instanceof Error ? null : key.getPublicSSH();
  } catch {
    return null;
  }
}

/** Opens a sealed identity file with the passphrase that `reference` names, or asks for one. */
export async function unseal(
  file: string,
  reference: string | null,
  source: PassphraseSource,
): Promise<Identity> {
  const text = await readFile(file);
  if (reference !== null) {
    try {
      return withPassphrase(file, text, await source.secret(reference), WRONG_SECRET(reference));
    } catch (error) {
      return secretFailed(file, error);
    }
  }
  for (let asked = 0; source.prompt !== undefined && asked < PROMPTS; asked += 1) {
    const question = `Passphrase for ${printableLine(file)}:`;
    const answer = await source.prompt(asked === 0 ? question : `${wrongText(asked)} ${question}`);
    if (answer === null) break;
    const opened = withPassphrase(file, text, answer, NO_PASSPHRASE_HINT);
    if (opened.kind === 'usable') return opened;
  }
  return unusable(file, 'it is encrypted and no right passphrase was given', NO_PASSPHRASE_HINT);
}

function wrongText(asked: number): string {
  const left = PROMPTS - asked;
  return `Wrong passphrase, ${left} ${left === 1 ? 'try' : 'tries'} left.`;
}

function withPassphrase(file: string, text: Buffer, passphrase: string, hint: string): Identity {
  const key = parse(text, passphrase);
  return key instanceof Error
    ? unusable(file, 'it is encrypted and the passphrase does not open it', hint)
    : usable(file, key);
}

function usable(file: string, key: ParsedKey): Identity {
  if (key.isPrivateKey()) return { kind: 'usable', file, key };
  const hint = `Name the private key, ${file.replace(/\.pub$/, '')}, or load it into an agent.`;
  const otherwise = unusable(
    file,
    'it holds a public key, and no agent holds its private half',
    hint,
  );
  return { kind: 'sealed', file, publicKey: key.getPublicSSH(), otherwise };
}

function unusable(file: string, reason: string, hint: string): Unusable {
  return { kind: 'unusable', file, code: 'identity_unusable', reason: printableLine(reason), hint };
}

function secretFailed(file: string, error: unknown): Identity {
  const failed = unusable(file, `its passphrase cannot be read: ${reasonOf(error)}`, '');
  return error instanceof FleetError
    ? {
        ...failed,
        kind: 'unusable',
        file,
        code: error.code,
        reason: error.message,
        hint: error.hint ?? '',
      }
    : failed;
}

function parse(text: Buffer, passphrase?: string): ParsedKey | Error {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
    if (!Array.isArray(parsed)) return parsed;
    return parsed[0] ?? new Error('it holds no key');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The clear part of an OpenSSH private key (PROTOCOL.key). */
interface ClearPart {
  readonly cipher: string;
  readonly publicKey: Buffer;
}

/** Null for the older forms, which have no such part. */
function clearPartOf(text: Buffer): ClearPart | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(
    text.toString('latin1'),
  );
  const bytes = Buffer.from(body?.[1] ?? '', 'base64');
  let at = MAGIC_BYTES;
  const field = (): Buffer => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  try {
    const cipher = field().toString('latin1');
    for (const _ of ['kdf', 'kdf options']) field();
    at += 4;
    return { cipher, publicKey: field() };
  } catch {
    return null;
  }
}

const MAGIC_BYTES = 'openssh-key-v1\0'.length;
const PROMPTS = 3;
const FORMAT_HINT =
  'It must be a private key in OpenSSH or PEM form; `ssh-keygen -p -f FILE` rewrites one in OpenSSH form.';
const NO_PASSPHRASE_HINT =
  'Set `passphrase: env:NAME` or `file:PATH` under `ssh:`, or load the key into an agent with `ssh-add`.';
const WRONG_SECRET = (reference: string) => `Check what ${reference} holds.`;
