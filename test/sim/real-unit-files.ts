import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeHost } from '../host/support/fake-host.js';

const UNIT = 'shop.service';

/** What is installed, what each release has, and what waits for the activation and for the way back. */
export function unitFilesOf(real: FakeHost): object {
  const units = join(real.root, '.fleet/units');
  const text = (file: string): string | null =>
    existsSync(file) ? readFileSync(file, 'utf8') : null;
  const own = (folder: string): string | null => text(join(units, folder, UNIT));
  const of = (folder: string): readonly string[] =>
    text(join(units, folder, '.of'))?.split('\n') ?? [];
  const [nextTxn, nextId] = of('.next');
  const [backTxn] = of('.back');
  return {
    unitFile: text(unitFileOf(real)),
    unitFiles: releasesIn(units).map((id) => `${id} ${own(id)}`),
    unitNext: nextTxn === undefined ? null : { txn: nextTxn, id: nextId, text: own('.next') },
    unitBack: backTxn === undefined ? null : { txn: backTxn, text: own('.back') },
  };
}

export const unitFileOf = (real: FakeHost): string => join(real.dir, 'etc/systemd/system', UNIT);

const releasesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort()
    : [];
