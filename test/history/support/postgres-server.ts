import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DatabaseServer,
  databasesOf,
  freePort,
  hasProgram,
  killGroup,
  output,
  TABLES,
  untilReady,
} from './database-server.js';

const VERSIONS = '/usr/lib/postgresql';

/** Debian keeps the programs of each version in a folder of its own. */
const folder = (): string => {
  const [version = ''] = existsSync(VERSIONS) ? readdirSync(VERSIONS).toSorted().toReversed() : [];
  return join(VERSIONS, version, 'bin');
};

export const hasPostgres = (): boolean => hasProgram(join(folder(), 'postgres'));

/** It does not run as root: root starts it as the user `postgres`. `settings`: lines of `postgresql.conf`. */
export async function startPostgres(settings: readonly string[] = []): Promise<DatabaseServer> {
  const bin = folder();
  const home = mkdtempSync(join(tmpdir(), 'fleet-postgres-'));
  const data = join(home, 'data');
  const user = serverUser();
  chmodSync(home, 0o711);
  if (user !== null) chownSync(home, user.uid, user.gid);
  const as = user === null ? {} : user;
  const made = ['-D', data, '-U', 'fleet', '-A', 'trust', '--no-sync', '-E', 'UTF8'];
  execFileSync(join(bin, 'initdb'), [...made, '--locale=C.UTF-8'], {
    ...as,
    stdio: 'pipe',
    cwd: home,
  });
  const port = await freePort();
  const options = [
    ...[`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${home}`],
    ...['fsync=off', 'max_connections=40', ...settings],
  ].flatMap((setting) => ['-c', setting]);
  const sql = (statements: string, database = 'postgres'): string =>
    output(
      'psql',
      [
        '-h',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-U',
        'fleet',
        '-d',
        database,
        '-qtAX',
        '-v',
        'ON_ERROR_STOP=1',
      ],
      statements,
    );
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    // In a group of its own, with the processes that it starts for its clients.
    child = spawn(join(bin, 'postgres'), ['-D', data, ...options], {
      ...as,
      ...{ stdio: 'ignore', detached: true, cwd: home },
    });
    await untilReady(child, port, () => sql('select 1'));
  };
  const kill = async (): Promise<void> => {
    if (child !== null) await killGroup(child);
    // A killed postmaster's lock file names a process that may be there again by chance.
    rmSync(join(data, 'postmaster.pid'), { force: true });
  };
  await start();
  const databases = databasesOf({
    create: (name) => `create database ${name}`,
    truncate: `truncate ${TABLES.join(', ')}`,
    urlOf: (name) => `postgres://fleet@127.0.0.1:${port}/${name}`,
    sql,
  });
  return {
    port,
    ...databases,
    kill,
    start,
    signal: (signal) => void (child?.pid !== undefined && process.kill(-child.pid, signal)),
    sql,
    async stop() {
      await kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Whom root becomes for it; null for another user, who runs it as such. */
function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (what: string): number => Number(output('id', [what, 'postgres']));
  return { uid: id('-u'), gid: id('-g') };
}
