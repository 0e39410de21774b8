import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../../src/lab/fleet/lab.js';
import { runOn } from '../../lab/support/client.js';
import { createBastion } from './fake-context.js';

/** A unit that is not started again once it has ended. */
export const SLEEPER = `[Service]
WorkingDirectory=%h/shop/current
ExecStart=%h/shop/current/bin/start
Restart=no
TimeoutStopSec=2s
`;

const config = (policy: string): string => `app: shop
root: ~/shop
service: { unit: shop.service }
release: { keep: 10 }
policy: { min_healthy_time: 50ms, healthy_deadline: 8s, confirm_deadline: 30s, ${policy} }
`;

/** A person at a bastion, with releases to deploy to the hosts of a lab and ways to break these. */
export function shopFleet(lab: () => Lab, policy: string, options?: { readonly haste: number }) {
  let minutes = 0;
  const bastion = createBastion(() => new Date(Date.UTC(2026, 0, 2, 3, minutes)), options);
  writeFileSync(join(bastion.dir, 'fleet.yaml'), config(policy));

  /** A folder of that name whose program runs on, or dies at once. */
  function release(name: string, start = 'exec sleep 3600'): string {
    const dir = join(bastion.dir, name);
    mkdirSync(join(dir, 'bin'), { recursive: true });
    writeFileSync(join(dir, 'page'), name);
    writeFileSync(join(dir, 'bin/start'), `#!/bin/sh\n${start}\n`);
    chmodSync(join(dir, 'bin/start'), 0o755);
    return `./${name}`;
  }

  const typed = (words: readonly string[]) => {
    minutes += 10;
    return bastion.fleet(...words);
  };

  return {
    dir: bastion.dir,
    release,
    /** As it is typed, and nothing added. */
    typed,
    /** As it is typed, with Ctrl-C each time that stderr comes to the next of these texts. */
    interrupted: (at: readonly string[], ...words: readonly string[]) => {
      minutes += 10;
      return bastion.interruptedAt(at, ...words);
    },
    fleet: (command: string, ...flags: readonly string[]) =>
      typed([...command.split(' '), '-i', lab().inventoryFile, '-g', 'prod', ...flags]),
    deploy: (name: string, ...flags: readonly string[]) =>
      typed(
        [
          'deploy',
          '-i',
          lab().inventoryFile,
          '-g',
          'prod',
          '--yes',
          '--from',
          release(name),
        ].concat(flags),
      ),
    /** Ends the app there; it is not started again. */
    kill: async (...hosts: readonly string[]): Promise<void> => {
      for (const host of hosts) await runOn(lab(), host, 'systemctl stop shop');
    },
    /** What each host has, and whether it serves that: `a`, `b (dead)`, `none`. */
    pages: (): readonly string[] =>
      lab().hosts.map(({ home, name }) => {
        const unit = lab()
          .look()
          .find((look) => look.name === name)
          ?.units.find((each) => each.name === 'shop.service');
        const page = pageOf(join(home, 'shop'));
        return unit?.active === 'active' || page === 'none' ? page : `${page} (dead)`;
      }),
  };
}

function pageOf(root: string): string {
  try {
    readlinkSync(join(root, 'current'));
    return readFileSync(join(root, 'current/page'), 'utf8');
  } catch {
    return 'none';
  }
}
