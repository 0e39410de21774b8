import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bastion } from '../e2e/support/bastion.js';
import type { Violation } from './checker.js';
import type { ChaosHost } from './fleet-setup.js';
import type { Transition } from './host-state.js';

const VALUE = 'shared/data/value';

/** `backup:` of fleet.yaml: a path, and what a command makes of it. */
export const BACKUP_CONFIG = {
  backup: {
    paths: ['shared/data'],
    command: 'sleep 0.2; cp "$FLEET_ROOT/shared/data/value" "$FLEET_BACKUP/dump"; echo dumped',
    restore_command: 'cp "$FLEET_BACKUP/dump" "$HOME/restored-dump"',
    keep: 8,
  },
} as const;

/** Gives each host data of its own, for that run to keep. */
export async function writeData(hosts: readonly ChaosHost[], word: string): Promise<void> {
  await Promise.all(
    hosts.map(async ({ root, host, name }) => {
      mkdirSync(join(root, 'shared/data'), { recursive: true });
      writeFileSync(join(root, VALUE), `${word} ${name}\n`);
      await host.run('chown -R deploy: /opt/shop/shared');
    }),
  );
}

/** Before a link moved, its transaction had a backup of what was there. */
export function judgeBackups(
  hosts: readonly ChaosHost[],
  since: ReadonlyMap<string, readonly Transition[]>,
  word: string,
): readonly Violation[] {
  return hosts.flatMap(({ name, root }) => {
    const moved = (since.get(name) ?? []).filter(
      ({ after, run }) => after === 'linked' && run !== '',
    );
    return [...new Set(moved.map(({ txn }) => txn))].flatMap((txn) => {
      const folder = join(root, '.fleet/backups', txn);
      const kept = ['info', 'list', `tree/${VALUE}`, 'files/dump'];
      const missing = kept.filter((file) => !existsSync(join(folder, file)));
      const texts = [`tree/${VALUE}`, 'files/dump']
        .filter((file) => !missing.includes(file))
        .filter((file) => readFileSync(join(folder, file), 'utf8') !== `${word} ${name}\n`);
      const wrong = [
        ...missing.map((file) => `${file} of the backup of ${txn} is not there`),
        ...texts.map((file) => `${file} of the backup of ${txn} is not what was there`),
      ];
      return wrong.map((what): Violation => ({ invariant: 'backups', host: name, what }));
    });
  });
}

/** Brings one of these backups back, as a person does; what is wrong then. */
export async function judgeRestore(
  bastion: Bastion,
  { name, root, host }: ChaosHost,
  run: string,
): Promise<readonly Violation[]> {
  const say = (what: string): readonly Violation[] => [{ invariant: 'backups', host: name, what }];
  const file = join(root, VALUE);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, 'spoiled\n');
  await host.run('rm -f /home/deploy/restored-dump');
  const args = ['backups', 'restore', run, '-g', 'web', '-l', name, '--yes'];
  const { code, stderr } = await bastion.fleet(args);
  if (code !== 0) return say(`the backup of ${run} cannot be restored: ${code} ${stderr}`);
  const dump = join(host.rootfs, 'home/deploy/restored-dump');
  const dumped = existsSync(dump) ? readFileSync(dump, 'utf8') : '';
  const found = readFileSync(file, 'utf8');
  if (found === before && dumped === before) return [];
  return say(`the restore of ${run} brought back "${found.trim()}" and "${dumped.trim()}"`);
}
