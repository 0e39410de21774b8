/**
 * Real fleets to try things on, by hand:
 *
 *     npx tsx test/real/support/cli.ts up 20 [--detach] [--systemd-run] [--user-manager] [--disk] [--sshd LINE]…
 *     npx tsx test/real/support/cli.ts list
 *     npx tsx test/real/support/cli.ts exec SLOT HOST -- COMMAND…     as root, from outside of ssh
 *     npx tsx test/real/support/cli.ts link SLOT HOST up|down
 *     npx tsx test/real/support/cli.ts down SLOT
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { until } from './deadline.js';
import { runInside } from './inside.js';
import { hostDevice, setLink } from './network.js';
import { bootRealFleet } from './real-fleet.js';
import { listSlots, slotDir } from './slot.js';

const USAGE =
  'usage: cli.ts up COUNT | list | exec SLOT HOST -- COMMAND… | link SLOT HOST up|down | down SLOT';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    detach: { type: 'boolean', default: false },
    'systemd-run': { type: 'boolean', default: false },
    'user-manager': { type: 'boolean', default: false },
    disk: { type: 'boolean', default: false },
    sshd: { type: 'string', multiple: true, default: [] },
  },
});

process.exitCode = await main(positionals);

async function main([command, first = '', host = '', ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      return flags.detach ? upDetached() : up(Number(first));
    case 'list':
      return list();
    case 'down':
      return down(Number(first));
    case 'exec':
      return exec(Number(first), host, rest);
    case 'link':
      await setLink(hostDevice(`flab${Number(first)}`, host), rest[0] === 'up' ? 'up' : 'down');
      return 0;
    default:
      console.error(USAGE);
      return 2;
  }
}

/** Keeps the fleet until a signal comes. */
async function up(count: number): Promise<number> {
  const began = performance.now();
  const fleet = await bootRealFleet({
    count,
    sudo: { systemdRun: flags['systemd-run'] },
    userManager: flags['user-manager'],
    storage: flags.disk ? 'disk' : 'memory',
    sshd: flags.sshd,
  });
  const inventory = join(fleet.dir, 'inventory.yaml');
  fleet.writeInventory(inventory);
  const ssh = `ssh -F none -i ${fleet.identityFile} -o UserKnownHostsFile=${fleet.knownHostsFile}`;
  for (const incident of fleet.incidents) console.log(`boot repeated: ${incident}`);
  console.log(`hosts      ${fleet.hosts.map((each) => `${each.name}=${each.address}`).join(' ')}`);
  console.log(`inventory  ${inventory}`);
  console.log(`login      ${ssh} deploy@${fleet.hosts[0]?.address}`);
  console.log(`slot       ${fleet.slot}, ready in ${Math.round(performance.now() - began)} ms`);
  await new Promise<void>((resolve) => {
    const keepAlive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        clearInterval(keepAlive);
        resolve();
      });
    }
  });
  await fleet.shutdown();
  return 0;
}

/** The same in a process of its own, once it says that it is ready. */
async function upDetached(): Promise<number> {
  const log = join(tmpdir(), `fleet-lab-${process.pid}.log`);
  const output = openSync(log, 'w');
  const args = process.argv.slice(2).filter((argument) => argument !== '--detach');
  const self = [...process.execArgv, fileURLToPath(import.meta.url), ...args];
  const child = spawn(process.execPath, self, {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  const ready = (): boolean => /^slot /m.test(readFileSync(log, 'utf8'));
  await until(600_000, 'the fleet', () => child.exitCode !== null || ready());
  console.log(readFileSync(log, 'utf8').trim());
  return child.exitCode ?? 0;
}

function list(): number {
  for (const { number, pid, alive } of listSlots()) {
    console.log(`slot ${number}  ${alive ? `process ${pid}` : 'dead'}  ${slotDir(number)}`);
  }
  return 0;
}

async function down(number: number): Promise<number> {
  const slot = listSlots().find((each) => each.number === number);
  if (slot === undefined || !slot.alive) {
    console.error(`no living fleet in slot ${number}`);
    return 2;
  }
  process.kill(slot.pid, 'SIGTERM');
  await until(60_000, 'the fleet to end', () => !existsSync(slotDir(number)));
  return 0;
}

async function exec(number: number, host: string, command: readonly string[]): Promise<number> {
  const leader = Number(readFileSync(join(slotDir(number), host, 'leader'), 'utf8'));
  const { code, stdout, stderr } = await runInside(leader, command);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code ?? 1;
}
