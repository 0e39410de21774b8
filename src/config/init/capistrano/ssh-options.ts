import type { LeftOut } from '../imported.js';
import { isMapValue, textsOf, UNKNOWN, type Value } from '../script/value.js';

export interface SshFound {
  user: string | null;
  port: number | null;
  identityFile: string | null;
}

type Reason = Pick<LeftOut, 'why' | 'todo'>;

/** The options that say nothing that fleet does not do by default. */
const SILENT = new Set(['auth_methods', 'keepalive', 'keepalive_interval']);

/** Takes over user, port and the first key of `ssh_options`; `leave` is called for each of the others. */
export function noteSshOptions(
  found: SshFound,
  value: Value,
  leave: (reason: Reason) => void,
): void {
  if (!isMapValue(value)) {
    leave({
      why: 'only running the file would tell it',
      todo: 'write it under ssh: in the inventory',
    });
    return;
  }
  for (const [key, option] of value.entries) {
    const [path] = textsOf(option) ?? [];
    if (key === 'user' && typeof option === 'string') found.user = option;
    else if (key === 'port' && typeof option === 'number') found.port = option;
    else if (key === 'keys' && path !== undefined) found.identityFile = path;
    else if (!SILENT.has(key)) leave(reasonFor(key, option));
  }
}

function reasonFor(key: string, option: Value): Reason {
  if (key === 'forward_agent') {
    return { why: 'fleet never forwards an agent', todo: 'nothing: the bastion sends the release' };
  }
  if (option === UNKNOWN) {
    return {
      why: `${key} has no value that can be read`,
      todo: 'write it under ssh: in the inventory',
    };
  }
  return { why: `${key} is not taken over`, todo: 'see docs/ssh.md for what fleet has instead' };
}
