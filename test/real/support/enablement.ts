import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Enables the units that ask for it, as `systemctl enable` does. Done after the first boot, so that a
 * fleet begins with services that never ran rather than with ones that failed without a release.
 */
export function enableUnits(rootfs: string, units: Readonly<Record<string, string>>): void {
  const wants = join(rootfs, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  for (const [name, text] of Object.entries(units)) {
    if (!/^WantedBy=.*\bmulti-user\.target\b/m.test(text)) continue;
    symlinkSync(`/etc/systemd/system/${name}`, join(wants, name));
  }
}
