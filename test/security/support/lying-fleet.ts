import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { loadHostProgram } from '../../../src/host/program.js';
import type { LabHost } from '../../../src/lab/fleet/lab.js';
import { createBastion, type Ran } from '../../cli/support/fake-context.js';
import { runOn } from '../../lab/support/client.js';
import { practiceLab } from '../../lab/support/practice-lab.js';

/** A release of the fleet, as it was really deployed. */
export interface TrueRelease {
  readonly id: string;
  readonly commit: string;
  readonly digest: string;
}

/** The marker that a host keeps of a release, as data. */
export interface Marker {
  readonly standing: string;
  readonly since: string;
  readonly run: string;
  readonly meta: Readonly<Record<string, string | null>>;
}

/** Who types commands: a bastion of its own, with all that it has written. */
export interface Bastion {
  readonly dir: string;
  /** For the group of all three, where the command takes one. */
  fleet(command: string, ...flags: readonly string[]): Promise<Ran>;
  /** Without a group. */
  everywhere(command: string, ...flags: readonly string[]): Promise<Ran>;
}

const CONFIG = `app: shop
root: ~/shop
service: { unit: shop.service }
release: { keep: 10 }
policy: { waves: [1, rest], min_healthy_time: 50ms, healthy_deadline: 8s, max_unavailable: 100% }
`;

const UNIT = `[Service]
WorkingDirectory=%h/shop/current
ExecStart=%h/shop/current/bin/start
Restart=always
RestartSec=100ms
TimeoutStopSec=2s
`;

/** Programs that print, hang and rewrite are a lying host's own: this one rewrites each line of JSON. */
const FILTER = `
const { createInterface } = require('node:readline');
const change = eval(require('node:fs').readFileSync(process.argv[2], 'utf8'));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (!line.startsWith('{"event":')) return void process.stdout.write(line + '\\n');
  for (const told of [change(JSON.parse(line))].flat()) process.stdout.write(JSON.stringify(told) + '\\n');
});`;

/**
 * Three practice hosts on the third of three releases. The last of them lies when the test says so; the
 * others never do. A fourth commit is there to be deployed.
 */
export type LyingFleet = ReturnType<typeof lyingFleet>;

export function lyingFleet() {
  const practice = practiceLab({ hosts: 3, unitText: UNIT });
  let minutes = 0;
  const clock = (): Date => new Date(Date.UTC(2026, 0, 2, 3, minutes));
  const releases: TrueRelease[] = [];
  const commits: string[] = [];
  const digests: string[] = [];
  let home: Bastion | undefined;

  const hostAt = (index: number): LabHost => {
    const host = practice.lab.hosts[index];
    if (host === undefined) throw new Error(`there is no host ${index}`);
    return host;
  };
  const shop = (host: LabHost, ...path: readonly string[]): string =>
    join(host.home, 'shop', ...path);
  const saved = (host: LabHost): string => join(host.dir, 'saved');

  function bastion(): Bastion {
    const made = createBastion(clock);
    writeFileSync(join(made.dir, 'fleet.yaml'), CONFIG);
    if (home !== undefined)
      cpSync(join(home.dir, '.git'), join(made.dir, '.git'), { recursive: true });
    const where = ['-i', practice.lab.inventoryFile, '-g', 'prod'];
    return {
      dir: made.dir,
      everywhere: made.fleet,
      fleet: (command, ...flags) =>
        made.fleet(...command.split(' '), ...(NO_GROUP.test(command) ? [] : where), ...flags),
    };
  }

  beforeAll(async () => {
    const first = bastion();
    for (let number = 1; number <= 4; number += 1) commits.push(commitRelease(first.dir, number));
    for (const commit of commits.slice(0, 3)) {
      minutes += 10;
      const ran = await first.fleet('deploy', '--yes', '--from', `git:${commit}`);
      if (ran.code !== 0) throw new Error(ran.stderr);
      const id = readlinkSync(shop(hostAt(0), 'current')).replace('releases/', '');
      const { digest = '' } = markerOf(hostAt(0), id).meta;
      releases.push({ id, commit, digest: digest ?? '' });
    }
    minutes += 10;
    for (const commit of commits) {
      const { stdout } = await first.fleet('plan deploy', '--json', '--from', `git:${commit}`);
      digests.push(JSON.parse(stdout).release.digest);
    }
    home = first;
    for (const host of practice.lab.hosts)
      cpSync(shop(host), saved(host), { recursive: true, verbatimSymlinks: true });
  }, 60_000);

  function markerOf(host: LabHost, id: string): Marker {
    const [head = '', meta = '{}'] = readFileSync(shop(host, '.fleet/releases', id), 'utf8').split(
      '\n',
    );
    const [standing = '', since = '', run = ''] = head.split(' ');
    return { standing, since, run, meta: JSON.parse(meta) };
  }

  /** Puts every host back on the third release, as honest as it was. */
  async function reset(): Promise<void> {
    for (const host of practice.lab.hosts) {
      rmSync(shop(host, '.fleet'), { recursive: true, force: true });
      cpSync(join(saved(host), '.fleet'), shop(host, '.fleet'), { recursive: true });
      cpSync(join(saved(host), 'releases'), shop(host, 'releases'), { recursive: true });
      for (const id of readdirSync(shop(host, 'releases'))) {
        if (!existsSync(join(saved(host), 'releases', id)))
          rmSync(shop(host, 'releases', id), { recursive: true });
      }
      if (readlinkSync(shop(host, 'current')) === `releases/${releases[2]?.id}`) continue;
      rmSync(shop(host, 'current'));
      symlinkSync(`releases/${releases[2]?.id}`, shop(host, 'current'));
      await runOn(practice.lab, host.name, 'systemctl restart shop');
    }
  }

  return {
    get lab() {
      return practice.lab;
    },
    get home(): Bastion {
      if (home === undefined) throw new Error('nothing was deployed yet');
      return home;
    },
    /** A bastion that has never seen these hosts: no history, no journal. */
    stranger: bastion,
    reset,
    /** Counted from 1, as the commits are. */
    release: (number: number): TrueRelease => {
      const release = releases[number - 1];
      if (release === undefined) throw new Error(`there is no release ${number}`);
      return release;
    },
    commit: (number: number): string => commits[number - 1] ?? '',
    /** What the content of that commit is called, deployed or not: it is no secret. */
    digest: (number: number): string => digests[number - 1] ?? '',
    honest: () => practice.lab.hosts.slice(0, 2).map(honestLook),
    liar: liarOf(() => hostAt(2)),
  };

  function honestLook(host: LabHost) {
    const current = readlinkSync(shop(host, 'current')).replace('releases/', '');
    const page = readFileSync(shop(host, 'current/page'), 'utf8');
    const version = JSON.parse(readFileSync(shop(host, 'current/version.json'), 'utf8'));
    const state = readFileSync(shop(host, '.fleet/state'), 'utf8');
    const epoch = Number([...state.matchAll(/^epoch=(\d+)$/gm)].at(-1)?.[1]);
    const markers = readdirSync(shop(host, '.fleet/releases')).map((id) => markerOf(host, id));
    return { current, page, version, epoch, markers };
  }

  function liarOf(host: () => LabHost) {
    const put = (id: string, { standing, since, run, meta }: Marker): void =>
      writeFileSync(
        shop(host(), '.fleet/releases', id),
        `${standing} ${since} ${run}\n${JSON.stringify(meta)}\n`,
      );
    return {
      /** Says of a release what is not so. */
      says(id: string, lie: Marker['meta']): void {
        const marker = markerOf(host(), id);
        put(id, { ...marker, meta: { ...marker.meta, ...lie } });
      },
      judges: (id: string, standing: string): void =>
        put(id, { ...markerOf(host(), id), standing }),
      /** Has a release that no run has deployed, in the likeness of another one. */
      invents(id: string, like: string, lie: Marker['meta']): void {
        const files = shop(host(), 'releases', id);
        cpSync(shop(host(), 'releases', like), files, { recursive: true });
        const marker = markerOf(host(), like);
        put(id, { ...marker, meta: { ...marker.meta, id, ...lie } });
      },
      forgets: (id: string): void => rmSync(shop(host(), '.fleet/releases', id)),
      hides: (id: string): void => rmSync(shop(host(), 'releases', id), { recursive: true }),
      /** Another link, with the unit left as it is. */
      links(id: string): void {
        rmSync(shop(host(), 'current'));
        symlinkSync(`releases/${id}`, shop(host(), 'current'));
      },
      /** Lines behind its state file; the last of a key counts. */
      state: (...lines: readonly string[]): void =>
        writeFileSync(shop(host(), '.fleet/state'), `${lines.join('\n')}\n`, { flag: 'a' }),
      /** Its program rewrites every event: `change` is a function's text, of the event as data. */
      rewrites(change: string): void {
        const program = shop(host(), '.fleet/bin', loadHostProgram().sha256);
        renameSync(program, `${program}.real`);
        const [filter, code] = [join(host().dir, 'filter.cjs'), join(host().dir, 'change.js')];
        writeFileSync(filter, FILTER);
        writeFileSync(code, `(${change})`);
        writeFileSync(
          program,
          `sh '${program}.real' "$@" | '${process.execPath}' '${filter}' '${code}'\n`,
        );
      },
    };
  }
}

const NO_GROUP = /^(history|show|resume|abort|pause)/;

/** Commits a release that only its page tells from the others; gives back the commit. */
function commitRelease(dir: string, number: number): string {
  mkdirSync(join(dir, 'bin'), { recursive: true });
  writeFileSync(join(dir, 'page'), `page ${number}\n`);
  writeFileSync(join(dir, 'bin/start'), '#!/bin/sh\nexec sleep 3600\n');
  chmodSync(join(dir, 'bin/start'), 0o755);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@bastion', ...args], {
      cwd: dir,
      encoding: 'utf8',
    }).trim();
  if (number === 1) git('init', '-q');
  git('add', 'page', 'bin');
  git('commit', '-q', '-m', `release ${number}`);
  return git('rev-parse', 'HEAD');
}
