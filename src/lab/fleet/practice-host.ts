import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import type { FaultKind, FaultOptions, Faults } from '../fault.js';
import { LAB_MARK } from '../leftovers.js';
import { makeKeyPair } from '../ssh/key-pair.js';
import { SshEndpoint } from '../ssh/ssh-endpoint.js';
import { DONE, type Reply } from '../systemd/job-reply.js';
import { Service } from '../systemd/service.js';
import { signalGroup } from '../systemd/service-process.js';
import type { SystemctlCall } from '../systemd/systemctl-channel.js';
import type { UnitState } from '../systemd/unit-state.js';

export const LAB_USER = 'deploy';

export interface PracticeHostOptions {
  readonly name: string;
  /** The lab's folder. */
  readonly lab: string;
  readonly clientKey: ParsedKey;
  /** PATH of services, and of commands after the host's own programs. */
  readonly path: string;
  /** The port of this host's app. */
  readonly appPort: number;
}

/** The current state of a practice host: its faults, and the units used so far. */
export interface HostLook {
  readonly name: string;
  readonly faults: readonly FaultKind[];
  readonly units: readonly (UnitState & { readonly name: string })[];
}

/** One practice host: a folder, an SSH server and the services in it. */
export class PracticeHost {
  readonly name: string;
  readonly dir: string;
  readonly home: string;
  readonly appPort: number;
  readonly publicKey: string;
  readonly #options: PracticeHostOptions;
  readonly #faults: Faults = new Map();
  readonly #services = new Map<string, Service>();
  readonly #turns = new Map<string, Promise<Reply>>();
  readonly #sessions = new Set<ChildProcess>();
  readonly #endpoint: SshEndpoint;

  constructor(options: PracticeHostOptions) {
    this.#options = options;
    this.name = options.name;
    this.appPort = options.appPort;
    this.dir = join(options.lab, 'hosts', options.name);
    this.home = join(this.dir, 'home');
    const hostKey = makeKeyPair();
    this.publicKey = hostKey.publicKey;
    for (const part of ['home', 'etc/systemd/system', 'run/units', 'var/log/journal', 'faults/bin'])
      mkdirSync(join(this.dir, part), { recursive: true });
    symlinkSync(join('..', '..', 'shims'), join(this.dir, 'bin'));
    this.#endpoint = new SshEndpoint({
      hostKey: hostKey.privateKey,
      user: LAB_USER,
      clientKey: options.clientKey,
      faults: this.#faults,
      home: this.home,
      environment: this.#sessionEnvironment(),
      onProcess: (child) => this.#track(child),
    });
  }

  get port(): number {
    return this.#endpoint.port;
  }

  look(): HostLook {
    const units = [...this.#services.values()].map(({ name, state }) => ({ name, ...state }));
    return { name: this.name, faults: [...this.#faults.keys()], units };
  }

  listen(ports: Iterator<number, never>): Promise<void> {
    return this.#endpoint.listen(ports);
  }

  /** Writes a file on the host, below its folder; `@PORT@` and `@HOST@` are filled in. */
  write(path: string, text: string): void {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      text.replaceAll('@PORT@', String(this.appPort)).replaceAll('@HOST@', this.name),
    );
  }

  async fault(kind: FaultKind, on: boolean, options: FaultOptions): Promise<void> {
    if (on) this.#faults.set(kind, options);
    else this.#faults.delete(kind);
    if (kind === 'down') await (on ? this.#endpoint.close() : this.#endpoint.reopen());
    if (kind === 'sudo-password') this.#flag('faults/sudo-password', on);
    if (kind === 'disk-full')
      for (const program of ['df', 'tar']) {
        const link = join(this.dir, 'faults/bin', program);
        rmSync(link, { force: true });
        if (on) symlinkSync(join(this.#options.lab, 'shims/disk-full', program), link);
      }
  }

  /** Does one call of systemctl; the calls of one unit run one after the other. */
  async systemctl(call: SystemctlCall): Promise<Reply> {
    const turns = call.units.map((unit) => this.#queue(call.verb, unit));
    if (!call.block) return DONE;
    const replies = await Promise.all(turns);
    const failed = replies.filter((reply) => reply.code !== 0);
    return { code: failed[0]?.code ?? 0, text: failed.map((reply) => reply.text).join('\n') };
  }

  /** Ends the server, the services and leftover processes of commands. */
  async stop(): Promise<void> {
    await this.#endpoint.close();
    await Promise.all([...this.#services.values()].map((service) => service.end()));
    for (const child of this.#sessions) if (child.pid) signalGroup(child.pid, 'SIGKILL');
  }

  #queue(verb: string, unit: string): Promise<Reply> {
    const before = this.#turns.get(unit) ?? Promise.resolve(DONE);
    const turn = before.then(() => this.#apply(verb, this.#service(unit)));
    this.#turns.set(
      unit,
      turn.catch(() => DONE),
    );
    return turn;
  }

  #apply(verb: string, service: Service): Promise<Reply> | Reply {
    switch (verb) {
      case 'start':
        return service.start();
      case 'stop':
        return service.stop();
      case 'restart':
        return service.restart();
      case 'try-restart':
        return service.tryRestart();
      case 'reload':
        return service.reload();
      case 'reload-or-restart':
        return service.reloadOrRestart();
      case 'reset-failed':
        return service.resetFailed();
      default:
        return { code: 1, text: `Unknown command verb ${verb}.` };
    }
  }

  #service(unit: string): Service {
    const known = this.#services.get(unit);
    if (known !== undefined) return known;
    const service = new Service({
      file: join(this.dir, 'etc/systemd/system', unit),
      stateFile: join(this.dir, 'run/units', unit),
      journal: join(this.dir, 'var/log/journal', unit),
      specifiers: {
        h: this.home,
        u: LAB_USER,
        n: unit,
        N: unit.replace(/\.\w+$/, ''),
        H: this.name,
        '%': '%',
      },
      environment: {
        PATH: this.#options.path,
        HOME: this.home,
        USER: LAB_USER,
        LOGNAME: LAB_USER,
        LANG: 'C.UTF-8',
        [LAB_MARK]: this.#options.lab,
      },
      onStart: (pid) => {
        const dies = this.#faults.get('dies-after-start');
        if (dies !== undefined) setTimeout(() => signalGroup(pid, 'SIGKILL'), dies.ms ?? 300);
      },
    });
    if (service.state.load !== 'not-found') this.#services.set(unit, service);
    return service;
  }

  #sessionEnvironment(): Record<string, string> {
    return {
      PATH: `${join(this.dir, 'faults/bin')}:${join(this.dir, 'bin')}:${this.#options.path}`,
      HOME: this.home,
      USER: LAB_USER,
      LOGNAME: LAB_USER,
      SHELL: '/bin/sh',
      LANG: 'C.UTF-8',
      [LAB_MARK]: this.#options.lab,
    };
  }

  #track(child: ChildProcess): void {
    this.#sessions.add(child);
    child.once('close', () => this.#sessions.delete(child));
  }

  #flag(path: string, on: boolean): void {
    const file = join(this.dir, path);
    if (on) writeFileSync(file, '');
    else if (existsSync(file)) rmSync(file);
  }
}
