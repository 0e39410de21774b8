import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createFakeHost, type FakeHost, type Shell } from './fake-host.js';

const UNIT = 'shop.service';

/**
 * Makes hosts that all begin alike: what `prepare` does is done once for each shell, and each host is a copy of that
 * one, with its service started anew, as another process than the last transaction saw. For the tests of one file.
 */
export function hostsAfter(
  prepare: (host: FakeHost) => Promise<void>,
): (shell?: Shell) => Promise<FakeHost> {
  const templates = new Map<Shell, FakeHost>();
  afterAll(() => {
    for (const template of templates.values()) template.stop();
  });

  async function templateOf(shell: Shell): Promise<FakeHost> {
    const known = templates.get(shell);
    if (known !== undefined) return known;
    const template = withUnit(shell);
    await prepare(template);
    templates.set(shell, template);
    return template;
  }

  return async (shell = 'dash') => {
    const template = await templateOf(shell);
    const host = withUnit(shell);
    execFileSync('cp', ['-a', template.root, host.root]);
    const systemctl = join(host.dir, 'bin/systemctl');
    execFileSync(systemctl, ['start', UNIT], { env: host.env, stdio: 'ignore' });
    return host;
  };
}

function withUnit(shell: Shell): FakeHost {
  const host = createFakeHost(shell);
  host.unit(UNIT, { cwd: join(host.root, 'current') });
  return host;
}
