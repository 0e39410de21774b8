import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import { shortLine } from '../../errors/printable.js';
import type { SshLogin } from '../../model/hosts/person.js';
import { loginKey } from './ssh-key.js';

type Environment = Readonly<Record<string, string | undefined>>;

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** More than any key or list of methods needs. */
const MOST_BYTES = 64 * 1024;
const LONGEST_METHOD = 60;
const LONGEST_ID = 200;

/**
 * The SSH login of this session, as sshd says: SSH_CONNECTION has the address, and the file of SSH_USER_AUTH,
 * with `ExposeAuthInfo yes`, the method and the key. Null outside of SSH. All of it is in the hands of the
 * account that logged in: it is said, not proven.
 */
export function sshLogin(env: Environment): SshLogin | null {
  const from = addressIn(env.SSH_CONNECTION);
  const told = methodsIn(env.SSH_USER_AUTH);
  if (from === null && told === null) return null;
  return { from, ...(told ?? { method: null, key: null, certificate: null }) };
}

/** `client-address client-port server-address server-port`. */
function addressIn(connection: string | undefined): string | null {
  const [address = ''] = (connection ?? '').trim().split(/\s+/, 1);
  // Every command comes by here, and Node needs 5 ms to find out that nothing is no address.
  if (address === '') return null;
  // An IPv6 address may have the name of an interface: fe80::1%eth0.
  const [bare = ''] = address.split('%', 1);
  return isIP(bare) === 0 ? null : shortLine(address, 80);
}

type Told = Pick<SshLogin, 'method' | 'key' | 'certificate'>;

/** One line for each method that was passed; the one with a key says most. */
function methodsIn(file: string | undefined): Told | null {
  const text = file === undefined || file === '' ? null : textOf(file);
  const lines = (text ?? '').split('\n').filter((line) => line !== '');
  const told = lines.map(methodIn);
  return told.find(({ key }) => key !== null) ?? told[0] ?? null;
}

function methodIn(line: string): Told {
  const [method = '', type = '', blob = ''] = line.split(' ');
  const key = method === 'publickey' || method === 'hostbased' ? loginKey(type, blob) : null;
  const { certificate = null } = key ?? {};
  return {
    method: shortLine(method, LONGEST_METHOD),
    key: key?.fingerprint ?? null,
    certificate: certificate && { ...certificate, id: shortLine(certificate.id, LONGEST_ID) },
  };
}

/** Only a small plain file of this user or root: the variable may name anything. */
function textOf(file: string): string | null {
  try {
    const descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const found = fstatSync(descriptor);
      const isOwn = found.uid === process.geteuid?.() || found.uid === 0;
      if (!found.isFile() || !isOwn || found.size > MOST_BYTES) return null;
      const bytes = Buffer.alloc(MOST_BYTES);
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, MOST_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}
