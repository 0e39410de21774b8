import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';
import { printableLine } from '../errors/printable.js';
import { reasonOf } from '../errors/reason.js';
import type { Endpoint } from '../model/host.js';
import type { ConnectStage } from './connect-failure.js';
import { isRecording, recordFile } from './host-key-record.js';
import { createOpensshAccount, type OpensshAccount } from './openssh-account.js';
import { opensshConfig } from './openssh-config.js';
import {
  isUnrecorded,
  judgeOpensshEnd,
  type OpensshEnd,
  unrecordedFailure,
} from './openssh-failure.js';
import type { OpensshFolder } from './openssh-folder.js';
import type { Option } from './openssh-options.js';
import { type OpensshProcess, startOpenssh } from './openssh-process.js';

/** A logged-in `ssh` that serves a control socket, and does nothing else. */
export interface OpensshMaster {
  readonly socket: string;
  readonly exited: Promise<void>;
  /** The last thing it said to people, '' where it has said nothing. */
  lastWords(): string;
  /** Unless it ends by itself within `graceMs`. */
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

/** Throws a FleetError `usage` where there is no ssh, or it can not be told what the host needs. */
export async function startMaster(request: MasterRequest): Promise<MasterStart> {
  const { host, folder, signal } = request;
  await makeRoomForKey(host);
  const paths = folder.paths();
  const account = createOpensshAccount();
  const process = await start(request, paths, account);
  folder.watch(process.pid);
  void process.exited.then(() => {
    folder.forget(process.pid);
    // What can not be removed now goes with the folder.
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
  // No session of its own: sshd may allow but one.
  const args = ['-F', config, '-N', '-n', '-T', '-a', '-x', '--', name];
  try {
    return await startOpenssh({ args, env, onLine });
  } catch (error) {
    const reason = reasonOf(error);
    throw new FleetError('usage', `ssh can not be started: ${reason}`, {
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

/** ssh makes a file for new host keys, but no folder for it. */
async function makeRoomForKey(host: Endpoint): Promise<void> {
  const file = recordFile(host);
  if (!isRecording(host) || file === null) return;
  // Where that fails ssh will not be able to record the key, and is held to account for it.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {});
}

async function untilAborted(event: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = () => resolve();
  });
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([event, aborted]);
  signal.removeEventListener('abort', stop);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
