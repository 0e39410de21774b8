import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../../src/cli/context/context.js';
import type { Lab } from '../../../src/lab/fleet/lab.js';
import { createBastion } from './fake-context.js';

const RELEASES = join(import.meta.dirname, '../../../examples/shop/releases');

const CONFIG = `app: shop
root: ~/shop
service: { unit: shop.service }
release: { from: ./releases/good }
shared: [.env]
policy: { min_healthy_time: 300ms, healthy_deadline: 8s }
`;

/** A bastion with the example app, for the hosts of a lab. */
export function practiceBastion(lab: Lab, now?: () => Date, person?: Context['person']) {
  const bastion = createBastion(now, { ...(person === undefined ? {} : { person }) });
  cpSync(RELEASES, join(bastion.dir, 'releases'), { recursive: true });
  writeFileSync(join(bastion.dir, 'fleet.yaml'), CONFIG);
  const where = ['-i', lab.inventoryFile, '-g', 'prod'];
  return {
    ...bastion,
    /** As it is typed, and nothing added. */
    typed: bastion.fleet,
    answerTyped: bastion.answer,
    fleet: (command: string, ...flags: readonly string[]) =>
      bastion.fleet(...command.split(' '), ...where, ...flags),
    answer: (keys: string, command: string, ...flags: readonly string[]) =>
      bastion.answer(keys, ...command.split(' '), ...where, '--output', 'plain', ...flags),
    interrupted: (when: () => boolean, command: string, ...flags: readonly string[]) =>
      bastion.interrupted(when, ...command.split(' '), ...where, ...flags),
  };
}

/** Leaves the first host of a lab as a run does whose controller has gone; the lease in seconds. */
export function leaveClaimed(lab: Lab, lease: number): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const up = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
  const renewed = `${up}:${boot}`;
  const lines = ['epoch=9', 'run=gone', 'owner="ada@elsewhere"', `lease=${lease}`];
  appendFileSync(stateOf(lab), `${[...lines, `renewed=${renewed}`, 'phase=claimed'].join('\n')}\n`);
}

const stateOf = (lab: Lab): string => join(lab.hosts[0]?.home ?? '', 'shop/.fleet/state');

/** Everything below the app's root of every host, and what its states say. */
export function everythingOn(lab: Lab): unknown {
  return lab.hosts.map(({ home }) => ({
    files: readdirSync(join(home, 'shop'), { recursive: true }).sort(),
    state: readFileSync(join(home, 'shop/.fleet/state'), 'utf8'),
    log: readFileSync(join(home, 'shop/.fleet/log'), 'utf8'),
  }));
}
