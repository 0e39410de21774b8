import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bastion, type Ended } from '../e2e/support/bastion.js';
import { QUICK } from '../e2e/support/policy.js';
import { lookAt, type Sight } from '../e2e/support/real-shop.js';
import { type Files, shop } from '../e2e/support/shop-app.js';
import type { RealFleetOptions } from '../real/support/options.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import type { Row } from './row.js';
import { unwanted, type Variant } from './variants.js';

/** Long enough to end the controller in mid-switch, short enough to wait for the timer. */
const POLICY = {
  ...QUICK,
  waves: ['rest'],
  max_unavailable: '100%',
  min_healthy_time: '2s',
  confirm_deadline: '15s',
  lease: '6s',
} as const;
/** As a unit of the host: logind wants to know whose cgroup asks, and this one is in none of its own. */
export const ENABLE_LINGER = 'systemd-run --quiet --wait loginctl enable-linger deploy';
const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

/** What a delta does not send, with names that tools print in their own ways. */
const LARGE_FILES: Files = {
  ...Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`lib/part ${n}.txt`, `${n} of many\n`.repeat(2000)]),
  ),
  'odd/-n': 'a name like an option\n',
  'odd/back\\slash': 'x\n',
  'odd/new\nline': 'y\n',
  "odd/it's \u00fc": 'z\n',
};

/** A booted host of a row, and a bastion that knows nothing but its inventory. */
export class ForeignHost {
  readonly bastion: Bastion;
  readonly #row: Row;
  #fleet: RealFleet | undefined;

  constructor(row: Row) {
    this.#row = row;
    this.bastion = new Bastion({ config: { ...row.config, policy: POLICY } });
  }

  async boot(packages: readonly string[]): Promise<void> {
    const { suite, splitUsr, variants = [], host } = this.#row;
    const base = { packages, ...(suite && { suite }), ...(splitUsr && { splitUsr }) };
    const options: RealFleetOptions = { count: 1, base, change: changeBy(variants), ...host };
    this.#fleet = await bootRealFleet(options);
    this.bastion.use(this.#fleet);
  }

  get host(): RealHost {
    if (this.#fleet === undefined) throw new Error('not booted');
    return this.#fleet.host('h01');
  }

  async close(): Promise<void> {
    this.bastion.close();
    await this.#fleet?.shutdown();
  }

  look(): Promise<Sight> {
    return lookAt(this.host, this.#row.watched);
  }

  doctor(): Promise<Ended> {
    return this.bastion.fleet(['doctor', '-g', 'web']);
  }

  /** Does as root what doctor printed, by the host's own visudo; answers with what could not be done. */
  async paste({ stdout, stderr }: Ended): Promise<readonly string[]> {
    const text = `${stdout}\n${stderr}`;
    const printed = /^\s*((?:deploy\s+ALL\s*=|Defaults:).*\S)\s*$[\s\S]*?visudo -cf (\S+)\.new/gm;
    const failures: string[] = [];
    for (const [, line = '', file = ''] of text.matchAll(printed)) {
      const place = `/etc/sudoers.d/${file}`;
      const script = `cat >/root/pasted && visudo -cqf /root/pasted && install -m 440 /root/pasted ${place}`;
      const { code } = await this.host.run(script, { input: `${line}\n` });
      if (code !== 0) failures.push(`visudo refuses: ${line}`);
    }
    if (/sudo loginctl enable-linger deploy/.test(text)) {
      const { code, stderr: why } = await this.host.run(ENABLE_LINGER);
      if (code !== 0) failures.push(`enable-linger: ${why}`);
    }
    return failures;
  }

  deploy(files: Files): Promise<Ended> {
    this.bastion.release(files);
    return this.bastion.fleet(DEPLOY);
  }

  /** Deploys a release of which only a little differs from page to page; answers with what was said, and its id. */
  async deployLarge(page: string): Promise<Ended & { readonly id: string }> {
    this.bastion.release({ ...shop(page), ...LARGE_FILES });
    symlinkSync('odd/-n', join(this.bastion.dir, 'app/link'));
    const args = ['deploy', '-g', 'web', '--from', 'app', '--release', page, '--yes'];
    return { ...(await this.bastion.fleet(args)), id: page };
  }

  /** Backups are made from now on, of a folder that is there. */
  async keepBackups(): Promise<void> {
    await this.host.run(
      'mkdir -p /opt/shop/shared/conf && echo first >/opt/shop/shared/conf/mode && chown -R deploy: /opt/shop/shared',
    );
    this.bastion.configure({
      ...this.#row.config,
      policy: POLICY,
      backup: { paths: ['shared/conf'] },
    });
  }

  /** Starts a deploy, and kills fleet by -9 once the host has restarted its unit. */
  async killInMidSwitch(files: Files, before = async () => {}): Promise<void> {
    this.bastion.release(files);
    const run = this.bastion.start([...DEPLOY, '-v']);
    await run.says(/h01.*restarted/);
    await before();
    run.child.kill('SIGKILL');
    await run.ended;
  }

  /** What the host is found to be once `wanted` holds, or after the time (ms) is over. */
  async settles(wanted: (sight: Sight) => boolean, time: number): Promise<Sight> {
    const end = Date.now() + time;
    for (;;) {
      const sight = await this.look();
      if (wanted(sight) || Date.now() > end) return sight;
      await sleep(500);
    }
  }
}

function changeBy(variants: readonly Variant[]) {
  return async (rootfs: string): Promise<void> => {
    for (const variant of [unwanted, ...variants]) await variant.apply(rootfs);
  };
}
