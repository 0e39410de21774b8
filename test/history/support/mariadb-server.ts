import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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

const SERVER = '/usr/sbin/mariadbd';

export const hasMariadb = (): boolean => hasProgram(SERVER);

/** It may run as root, if it is told so. `flags`: further ones of mariadbd. */
export async function startMariadb(flags: readonly string[] = []): Promise<DatabaseServer> {
  const home = mkdtempSync(join(tmpdir(), 'fleet-mariadb-'));
  const data = join(home, 'data');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const common = ['--no-defaults', `--datadir=${data}`, ...user];
  execFileSync(
    'mariadb-install-db',
    [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: 'pipe' },
  );
  const port = await freePort();
  const socket = join(home, 'socket');
  const sql = (statements: string, database = 'mysql'): string =>
    output(
      'mariadb',
      ['--no-defaults', '-S', socket, '-u', 'root', '--batch', '--skip-column-names', database],
      statements,
    );
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(
      SERVER,
      [
        ...[...common, `--port=${port}`, `--socket=${socket}`, '--bind-address=127.0.0.1'],
        ...['--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=1', ...flags],
      ],
      { stdio: 'ignore', detached: true },
    );
    await untilReady(child, port, () => sql('select 1'));
  };
  const kill = async (): Promise<void> => {
    if (child !== null) await killGroup(child);
  };
  await start();
  sql(`create user fleet@'%' identified by 'p@ss/word#1'; grant all on *.* to fleet@'%'`);
  const databases = databasesOf({
    // In latin1, which knows neither emoji nor letter case: the columns say for themselves what they are.
    create: (name) => `create database ${name} character set latin1 collate latin1_swedish_ci`,
    truncate: TABLES.map((table) => `truncate ${table};`).join(''),
    urlOf: (name) => `mysql://fleet:p%40ss%2Fword%231@127.0.0.1:${port}/${name}`,
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
