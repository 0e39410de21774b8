import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FakeHost } from './fake-host.js';

/**
 * Kills the whole step before, or just after, its Nth external command. Those of a pipeline run at the same time, so
 * each counts under a lock.
 */
export const trap = (real: string): string => `#!/bin/dash
count=\${0%/traps/*}/count
read -r n when <<END
$(
  exec 4>>"$count.lock"
  /usr/bin/flock 4
  read -r n when <"$count"
  echo $((n - 1)) "$when" >"$count"
  echo "$n" "$when"
)
END
[ "$n$when" != 1before ] || kill -9 0
[ "$n$when" = 1after ] || exec ${real} "$@"
${real} "$@"
kill -9 0
`;

/** From now on a step on this host is killed before or after the command of that number, out of these tools. */
export function setTraps(
  host: FakeHost,
  tools: readonly string[],
  { at, when }: { readonly at: number; readonly when: 'before' | 'after' },
): void {
  const folder = join(host.dir, 'traps');
  mkdirSync(folder);
  for (const tool of tools) {
    const real = ['/usr/bin', '/bin'].map((bin) => join(bin, tool)).find(existsSync);
    if (real === undefined) throw new Error(`not here: ${tool}`);
    writeFileSync(join(folder, basename(real)), trap(real), { mode: 0o755 });
  }
  writeFileSync(join(host.dir, 'count'), `${at} ${when}\n`);
}

export function disarm(host: FakeHost): void {
  rmSync(join(host.dir, 'traps'), { recursive: true });
}
