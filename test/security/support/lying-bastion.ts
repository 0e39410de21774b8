import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { processContext } from '../../../src/cli/context/context.js';
import { systemClock } from '../../../src/cli/context/system-clock.js';
import { run } from '../../../src/cli/main.js';
import { loadHostProgram } from '../../../src/host/program.js';
import type { Connection } from '../../../src/transport/port.js';
import { localConnection } from '../../host/support/local-connection.js';

/** What a host's own program says, which whoever has its login may have rewritten. */
export interface Lies {
  /** Fields of the `host` event, in place of the honest ones. */
  readonly host?: Readonly<Record<string, unknown>>;
  /** A line said before the refusal of a guard, and the refusal's message. */
  readonly guard?: string;
  readonly message?: string;
}

/** In place of the program's own functions, and what they say comes from the host's environment. */
const LIAR = `
emit_host() { emit "$LIE_HOST"; }
verb_install_guard() { [ -z "$LIE_GUARD" ] || emit "$LIE_GUARD"; fail sudo_password "$LIE_MESSAGE"; }
`;
const MAIN = `\nif [ "\${1:-}" = serve ]; then\n`;

/** A bastion of three hosts, each of which says what the test sets. */
export class LyingBastion {
  readonly dir = mkdtempSync(join(tmpdir(), 'fleet-lies-'));
  readonly root = join(this.dir, 'shop');
  readonly #connections: Connection[] = [];

  constructor(users: Readonly<Record<string, string>>) {
    const program = loadHostProgram();
    const [before = '', after = ''] = program.text.split(MAIN);
    mkdirSync(join(this.root, '.fleet/bin'), { recursive: true });
    const file = join(this.root, '.fleet/bin', program.sha256);
    writeFileSync(file, `${before}${LIAR}${MAIN}${after}`);
    mkdirSync(join(this.dir, 'inventories'));
    const hosts = Object.entries(users).map(
      ([name, user]) => `      - { name: ${name}, ssh: { user: ${user} } }\n`,
    );
    const inventory = `groups:\n  web:\n    hosts:\n${hosts.join('')}`;
    writeFileSync(join(this.dir, 'inventories/all.yaml'), inventory);
    const service = '{ unit: [shop.service, shop.socket] }';
    const config = `app: shop\nroot: ${this.root}\nservice: ${service}\n`;
    writeFileSync(join(this.dir, 'fleet.yaml'), config);
    chmodSync(this.dir, 0o755);
  }

  /** What the command prints, on both streams. */
  async says(argv: readonly string[], lies: Readonly<Record<string, Lies>> = {}): Promise<string> {
    const heard: string[] = [];
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    await run(argv, {
      ...processContext(),
      cwd: this.dir,
      env: { PATH: process.env.PATH },
      home: this.dir,
      stdin: Object.assign(new PassThrough().end(), { isTTY: false }),
      stdout: stream as unknown as NodeJS.WriteStream,
      stderr: stream as unknown as NodeJS.WriteStream,
      stateDir: join(this.dir, 'state'),
      clock: systemClock,
      onInterrupt: () => () => undefined,
      transport: {
        connect: async ({ name }) => ({
          kind: 'connected',
          connection: this.#connect(lies[name] ?? {}),
        }),
        close: async () => undefined,
      },
    });
    return heard.join('');
  }

  #connect({ host, guard = '', message = 'no rights' }: Lies): Connection {
    const honest = {
      ...{ user: 'deploy', uid: 1000, machineId: '', rootPath: this.root, root: 'ok' },
      session: '',
      ...{ freeBytes: 10 ** 12, missingTools: [], tools: ['curl', 'bash'], sudo: 'ok' },
      ...{ systemctlIn: '/usr/bin' },
      ...{ deadMan: ['process'], guard: true, missingRights: ['systemctl stop shop.service'] },
      ...{ now: Math.floor(Date.now() / 1000), missingShared: [] },
      ...{ sudoVersion: 'Sudo version 1.9.13p3' },
    };
    const said = JSON.stringify({ event: 'host', ...honest, ...host });
    const env = { LIE_HOST: said, LIE_GUARD: guard, LIE_MESSAGE: message };
    const connection = localConnection({ env: { ...process.env, ...env } });
    this.#connections.push(connection);
    return connection;
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}
