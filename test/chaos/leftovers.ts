import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './checker.js';
import type { ChaosHost } from './fleet-setup.js';
import { HOOK_MARK } from './hooks.js';

const PLACES = [
  '',
  '.fleet',
  '.fleet/backups',
  '.fleet/units',
  'releases',
  'shared',
  'shared/data',
];
const LEFT =
  /^(\.tmp-|\.current-|\.new-|\.fleet-(new|old|gone)-|spool-|manifest-|marker-|apart\.|restoring)/;

/** What interrupted steps have left, asked for after a whole deploy that no one disturbed. */
export async function judgeLeftovers(hosts: readonly ChaosHost[]): Promise<readonly Violation[]> {
  const found = await Promise.all(
    hosts.map(async ({ name, root, host }) => {
      const files = PLACES.flatMap((place) => {
        const folder = join(root, place);
        if (!existsSync(folder)) return [];
        return readdirSync(folder)
          .filter((file) => LEFT.test(file))
          .map((file) => join(place, file));
      });
      // The daemons of hooks end after 20 s.
      const script = `for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do pgrep -f '^[^ ]*sh -c : ${HOOK_MARK}' >/dev/null || exit 0; echo runs; sleep 2; done`;
      const { stdout } = await host.run(script);
      const running = stdout.trim().split('\n').length >= 12 ? ['a process of a hook'] : [];
      return [...files, ...running].map(
        (what): Violation => ({ invariant: 'left', host: name, what: `${what} is left` }),
      );
    }),
  );
  return found.flat();
}
