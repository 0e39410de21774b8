import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { untilAborted } from '../../async/or-aborted.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import type { Endpoint } from '../../model/hosts/host.js';
import type { ConnectStage } from '../connect/failure.js';
import { isRecording, recordFile } from '../known-hosts/record.js';
import { opensshConfig } from './config.js';
import { isUnrecorded, judgeOpensshEnd, type OpensshEnd, unrecordedFailure } from './failure.js';
import type { OpensshFolder } from './folder.js';
import { createOpensshAccount, type OpensshAccount } from './log-reader.js';
import type { Option } from './options.js';
import { type OpensshProcess, startOpenssh } from './process.js';

/** A logged-in `ssh` that serves a control socket and does nothing else. */
export interface OpensshMaster {
  readonly socket: string;
  readonly exited: Promise<void>;
  /** Its last line for people, '' if there was none. */
  lastWords(): string;
  /** Kills it unless it ends within `graceMs`. */
  end(graceMs?: number): Promise<void>;
}

export interface MasterRequest {
  readonly host: Endpoint;
  readonly jumpSocket: string | null;
  readonly folder: OpensshFolder;
  readonly always: readonly Option[];
  readonly includes: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trace?: ((host: Endpoint, line: string) => void) | undefined;
  readonly onStage: (stage: ConnectStage) => void;
  /** Gives up; the caller knows why. */
  readonly signal: AbortSignal;
}

type MasterStart =
  | { readonly kind: 'ready'; readonly master: OpensshMaster }
  | ({ readonly kind: 'failed' } & OpensshEnd)
  | { readonly kind: 'given up' };

/** Throws a FleetError `usage` if there is no ssh, or a setting cannot be passed to it. */
export async function startMaster(request: MasterRequest): Promise<MasterStart> {
  const { host, folder, signal } = request;
  await makeRoomForKey(host);
  const paths = folder.paths();
  const account = createOpensshAccount();
  const process = await start(request, paths, account);
  folder.watch(process.pid);
  void process.exited.then(() => {
    folder.forget(process.pid);
    // Files that cannot be removed now go with the folder.
    return paths.remove().catch(() => {});
  });
  const end = (graceMs?: number) => process.end(graceMs);

  await untilAborted(process.settled, signal);
  if (signal.aborted) {
    await end();
    return { kind: 'given up' };
  }
  if (!(await isThere(paths.socket))) {
    await untilAborted(process.exited, signal);
    await end();
    return signal.aborted
      ? { kind: 'given up' }
      : { kind: 'failed', ...judgeOpensshEnd(host, account) };
  }
  if (isUnrecorded(account)) {
    await end();
    return { kind: 'failed', failure: unrecordedFailure(host), again: false };
  }
  const lastWords = () => printableLine(account.said.at(-1) ?? '');
  const { socket } = paths;
  return { kind: 'ready', master: { socket, exited: process.exited, lastWords, end } };
}

async function start(
  request: MasterRequest,
  { socket, config }: { readonly socket: string; readonly config: string },
  account: OpensshAccount,
): Promise<OpensshProcess> {
  const { host, folder, env, trace, onStage } = request;
  const { text, name } = writable(() => opensshConfig({ ...request, socket }), host);
  await folder.write(config, text);
  const onLine = (line: string) => {
    trace?.(host, printableLine(line));
    account.hear(line);
    onStage(account.stage);
  };
  // No session of its own: sshd may allow only one.
  const args = ['-F', config, '-N', '-n', '-T', '-a', '-x', '--', name];
  try {
    return await startOpenssh({ args, env, onLine });
  } catch (error) {
    throw new FleetError('usage', `cannot start ssh: ${reasonOf(error)}`, {
      hint: '`transport: openssh` needs the OpenSSH client on the PATH (Debian: openssh-client).',
    });
  }
}

function writable<Config>(make: () => Config, host: Endpoint): Config {
  try {
    return make();
  } catch (error) {
    const reason = reasonOf(error);
    throw new FleetError('usage', printableLine(`host ${host.name}: ${reason}`), {
      hint: 'With `transport: openssh` no setting under `ssh:` may hold a quote, a backslash or a `$` before a brace.',
    });
  }
}

/** ssh makes the file for new host keys, but not its folder. */
async function makeRoomForKey(host: Endpoint): Promise<void> {
  const file = recordFile(host);
  if (!isRecording(host) || file === null) return;
  // If this fails, ssh cannot record the key and reports that itself.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {});
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
