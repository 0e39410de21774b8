import { type CommandOptions, type CommandResult, runCommand } from './command.js';
import { Container } from './container.js';
import { runInside } from './inside.js';
import { hostDevice, setLink } from './network.js';
import { awaitLogin, type LoginTarget, untilFound } from './readiness.js';
import type { Slot } from './slot.js';

/** One machine of a {@link RealFleet}: systemd is its PID 1, OpenSSH its sshd. */
export interface RealHost {
  /** `h01`, `h02`, … also its hostname. */
  readonly name: string;
  readonly address: string;
  /** Where this machine sees the host's root file system. /run and /tmp are not in it. */
  readonly rootfs: string;
  /** Runs as root inside, from outside of ssh: works with the link down and sshd dead. */
  run(command: string | readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs as `deploy` through the ssh client, over the network. */
  ssh(command: string, options?: CommandOptions): Promise<CommandResult>;
  /** Cuts the host off: packets to and from it vanish, and open connections hang. */
  linkDown(): Promise<void>;
  linkUp(): Promise<void>;
  /**
   * A real reboot; resolves when a login works again, or would, were the link not down.
   * With `abrupt`, the power fails instead.
   */
  reboot(options?: { readonly abrupt?: boolean }): Promise<void>;
  /** An orderly shutdown, or with `abrupt` a power cut. Writes stay, synced or not. */
  stop(options?: { readonly abrupt?: boolean }): Promise<void>;
  /** Boots a stopped host, or waits for a booting one; resolves as {@link RealHost.reboot} does. */
  start(): Promise<void>;
}

/** What a host needs to know of the fleet around it. */
export interface HostSpec {
  readonly slot: Slot;
  readonly name: string;
  readonly address: string;
  readonly dir: string;
  readonly rootfs: string;
  readonly sshOptions: readonly string[];
  /** Told in a sentence when a boot did not get as far as a login, and was repeated. */
  readonly onIncident: (incident: string) => void;
  /** Aborted when the fleet goes. */
  readonly over: AbortSignal;
}

const BOOT_ATTEMPTS = 3;
/** Long enough for 200 hosts that boot at once on two cores, in ms. */
const BOOT_TIME = 60_000;

export function realHost(spec: HostSpec): RealHost {
  const { slot, name, address, rootfs, over, dir } = spec;
  const machine = hostDevice(slot.prefix, name);
  const container = new Container({ machine, hostname: name, slot: slot.number, dir, over });
  let linked = true;

  const run: RealHost['run'] = async (command, options) => {
    const { leader } = container;
    if (leader === undefined) throw new Error(`${name} is off`);
    return runInside(leader, command, options);
  };
  const ssh: RealHost['ssh'] = (command, options) =>
    runCommand('ssh', [...spec.sshOptions, `deploy@${address}`, command], options);
  const target: LoginTarget = {
    leader: () => container.leader,
    login: async () =>
      linked ? ssh('true', { timeout: 10_000 }) : { code: 0, stdout: '', stderr: '' },
    systemState: () => systemState(run),
    over,
  };

  const start = async (): Promise<void> => {
    let incident = '';
    for (let attempt = 1; attempt <= BOOT_ATTEMPTS; attempt++) {
      await container.start();
      if (await awaitLogin(target, BOOT_TIME)) return;
      over.throwIfAborted();
      incident = `${name}, boot ${attempt}: ${await diagnosis(run, container)}`;
      spec.onIncident(incident);
      await container.cutPower();
    }
    throw new Error(`no login after ${BOOT_ATTEMPTS} boots; ${incident}`);
  };
  const stop: RealHost['stop'] = (options) =>
    options?.abrupt ? container.cutPower() : container.powerOff();

  return {
    name,
    address,
    rootfs,
    run,
    ssh,
    async linkDown() {
      linked = false;
      await setLink(machine, 'down');
    },
    async linkUp() {
      await setLink(machine, 'up');
      await untilFound(address);
      linked = true;
    },
    stop,
    start,
    async reboot(options) {
      if (options?.abrupt) await container.cutPower();
      else await container.reboot();
      await start();
    },
  };
}

async function systemState(run: RealHost['run']): Promise<string> {
  try {
    return (await run(['systemctl', 'is-system-running'], { timeout: 10_000 })).stdout;
  } catch {
    return 'off';
  }
}

async function diagnosis(run: RealHost['run'], container: Container): Promise<string> {
  const script = 'systemctl --failed --plain --no-legend; journalctl -b -n 20 --no-pager';
  const inside = await run(script, { timeout: 10_000 }).catch((error: unknown) => String(error));
  return typeof inside === 'string' ? `${inside}\n${container.console()}` : inside.stdout;
}
