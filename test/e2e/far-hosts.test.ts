import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { EXIT, type ExitCode } from '../../src/errors/codes.js';
import { makeKey } from '../real/support/host-files.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion, type Ended } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAtAll, wipe } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];

/** What a login prints here at once, with and without a terminal. */
const BANNER = 'printf "Welcome to $HOSTNAME\\n"; echo "no mail" >&2';
const JUMP6 = 'fd88::11';
const WEB6 = 'fd88::13';
const LEGAL = 'Authorised use only.';

/**
 * h01 is a jump host, and h02 one behind it. h03 accepts only h01, by IPv6, and h04 only h02.
 * The login shell of h05 is fish, that of h06 tcsh.
 */
describe('hosts that are hard to get to', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({
      count: 6,
      base: { packages: ['fish', 'tcsh'] },
      sshd: ['MaxStartups 3:100:3', 'MaxSessions 1', 'Banner /etc/issue.net'],
    });
    await onAll(`echo '${LEGAL}' >/etc/issue.net`);
    await sshd('h02', `AllowUsers deploy@${at('h01')}`);
    await run('h01', `ip address add ${JUMP6}/64 dev eth0 nodad`);
    await run('h03', `ip address add ${WEB6}/64 dev eth0 nodad`);
    await sshd('h03', `AllowUsers deploy@${JUMP6}`);
    const keys = readFileSync(fleet.knownHostsFile, 'utf8');
    const [, key] = new RegExp(`^${at('h03')} (.*)$`, 'm').exec(keys) ?? [];
    appendFileSync(fleet.knownHostsFile, `${WEB6} ${key}\n`);
    await sshd('h04', `AllowUsers deploy@${at('h02')}`);
    await run('h04', `echo '${BANNER}' >/home/deploy/.bashrc`);
    await run('h05', 'chsh -s /usr/bin/fish deploy');
    await run('h06', 'chsh -s /bin/tcsh deploy');
    const config = '/home/deploy/.config/fish';
    await run('h05', `mkdir -p ${config}; echo '${BANNER}' >${config}/config.fish`);
    await run('h06', `echo 'echo Welcome; sh -c "echo no mail >&2"' >/home/deploy/.cshrc`);
  }, 600_000);
  beforeEach(() => {
    bastion = new Bastion({ config: { policy: QUICK } });
    inventory();
    bastion.release(shop('old'));
  });
  afterEach(async () => {
    bastion.close();
    await wipe(fleet.hosts);
  });
  afterAll(() => fleet?.shutdown());

  const at = (name: string): string => fleet.host(name).address;
  const run = (name: string, script: string) => fleet.host(name).run(script);
  const onAll = (script: string) => Promise.all(fleet.hosts.map((host) => host.run(script)));
  const web = (): readonly RealHost[] => fleet.hosts.slice(2);

  /** Puts a line before all others of a host's sshd_config until `plain`; open sessions stay. */
  const sshd = (name: string, line: string) =>
    run(name, `echo '${line}' >/etc/ssh/sshd_config.d/a.conf; systemctl reload ssh`);

  /**
   * What a host's sshd has logged since then. By its name: journald can't tell the unit of a line
   * whose process is gone when it is read, as that of a refused login is now and then.
   */
  async function sshdLog(host: RealHost, since: string): Promise<string> {
    const log = `journalctl --sync; journalctl -t sshd --since=@${since} -o cat`;
    return (await host.run(log)).stdout;
  }

  function inventory(ssh: Readonly<Record<string, unknown>> = {}): void {
    const login = {
      user: 'deploy',
      identity_file: fleet.identityFile,
      known_hosts: fleet.knownHostsFile,
      connect_timeout: '5s',
    };
    const host = (name: string, jump?: string) => ({
      name,
      address: name === 'h03' ? WEB6 : at(name),
      ...(jump === undefined ? {} : { ssh: { jump } }),
    });
    const groups = {
      jump: { hosts: [host('h01'), host('h02')] },
      web: { hosts: [host('h03', 'h01'), host('h04', 'h01,h02'), host('h05'), host('h06')] },
    };
    bastion.write('inventories/lab.yaml', stringify({ ssh: { ...login, ...ssh }, groups }));
  }

  /** The deploy is refused with each of these texts, and no host was changed. */
  async function expectRefused(
    words: readonly RegExp[],
    code: ExitCode = EXIT.preflight,
  ): Promise<Ended> {
    const refused = await exits(code, bastion.fleet(DEPLOY));
    for (const each of words) expect(refused.stderr).toMatch(each);
    for (const { stdout } of await onAll('ls -A /opt/shop')) expect(stdout).toBe('');
    return refused;
  }

  test('are deployed and rolled back, each by its own route and in its own shell', async () => {
    expect((await fleet.host('h03').ssh('true')).code).toBe(255);
    await exits(0, bastion.fleet(DEPLOY));
    const old = (await lookAtAll(web())).map(({ link }) => link);
    bastion.release(shop('new'));
    await exits(0, bastion.fleet(DEPLOY));
    const fresh = await lookAtAll(web());
    await exits(0, bastion.fleet(['rollback', '-g', 'web', '--yes']));
    const back = await lookAtAll(web());
    expect(back.map(({ link }) => link)).toEqual(old);
    expect(fresh.map(({ link }) => link)).not.toEqual(old);
    for (const sight of [...fresh, ...back]) {
      expect(sight).toMatchObject({ active: 'active', cwd: `/opt/shop/${sight.link}` });
    }
  });

  test.each(['ssh2', 'openssh'])('are logged in to once per command, by %s', async (transport) => {
    inventory({ transport });
    const [since = ''] = (await run('h06', 'date +%s.%N')).stdout.split('\n');
    await exits(0, bastion.fleet(DEPLOY));
    const logins = await Promise.all(fleet.hosts.map((host) => sshdLog(host, since)));
    for (const log of logins) {
      expect(log.match(/^Accepted publickey/gm)).toHaveLength(1);
      expect(log).not.toMatch(/^Failed|\[preauth\]$/m);
    }
  });

  test('receive the words of a command unchanged, in any shell', async () => {
    const words = [`it's`, 'a!b', '!!', 'a\\b', '\\\\', `'\\`, '$HOME `id` ~ *', 'Jörg 🚀'];
    const args = ['exec', '-g', 'web', '--json', '--', 'printf', '<%s>', ...words];
    const { hosts } = (await exits(0, bastion.fleet(args))).json();
    expect(hosts).toHaveLength(4);
    for (const { stdout } of hosts) {
      expect(stdout.replace(/^Welcome.*\n/, '')).toBe(words.map((word) => `<${word}>`).join(''));
    }
  });

  test('that print 100 MB are read to the end, and fleet says how much is left out', async () => {
    const args = ['exec', '-g', 'web', '-l', 'h05', '--', 'head', '-c', '100000000', '/dev/zero'];
    const ended = await exits(0, bastion.fleet(args));
    expect(ended.stdout).toMatch(/h05 .*cut/);
  });

  test('are deployed to the end when no one reads the output any more', async () => {
    const deploy = bastion.start([...DEPLOY, '-v']);
    await deploy.says(/staged/);
    deploy.child.stderr?.destroy();
    deploy.child.stdout?.destroy();
    await exits(0, deploy.ended);
    for (const sight of await lookAtAll(web())) expect(sight.active).toBe('active');
  });

  describe('behind a jump host', () => {
    afterEach(async () => {
      await run('h01', 'rm -f /etc/ssh/sshd_config.d/a.conf; systemctl start ssh');
      await sshd('h02', `AllowUsers deploy@${at('h01')}`);
    });

    test('that is down', async () => {
      await run('h01', 'systemctl stop ssh');
      await expectRefused([/h03[^\n]*\n?.*jump host h01: \S+ refuses connections/, /h04/]);
    });

    test('that has a different key than recorded', async () => {
      const lines = readFileSync(fleet.knownHostsFile, 'utf8');
      const [, other] = new RegExp(`^${at('h01')} (.*)$`, 'm').exec(lines) ?? [];
      const changed = lines.replace(new RegExp(`^${at('h02')} .*$`, 'm'), `${at('h02')} ${other}`);
      inventory({ known_hosts: bastion.write('known_hosts', changed) });
      await expectRefused([/h04[\s\S]*jump host h02: [^\n]*is not the host key recorded/]);
    });

    test('that forwards nothing', async () => {
      await sshd('h02', 'AllowTcpForwarding no');
      const { stderr } = await expectRefused([/h04[\s\S]*jump host h02: refuses to forward to/]);
      expect(stderr).not.toMatch(/jump host h01/);
    });
  });

  describe('with a login that', () => {
    afterEach(async () => {
      await run('h05', 'rm -f /etc/ssh/sshd_config.d/a.conf /run/nologin; systemctl reload ssh');
    });

    test('is for another command', async () => {
      await sshd('h05', 'ForceCommand echo only backups here');
      await expectRefused([/h05[\s\S]*only backups here\n.*ForceCommand/], 2);
    });

    test('is not open yet, as after a boot', async () => {
      await run('h05', 'echo "System is booting up. See pam_nologin(8)" >/run/nologin');
      await expectRefused([/h05[\s\S]*System is booting up\. See pam_nologin\(8\)/]);
      await run('h05', 'rm /run/nologin');
      await exits(0, bastion.fleet(DEPLOY));
    });

    test('refuses the key is asked only once, so that the bastion is not banned', async () => {
      await makeKey(join(bastion.dir, 'other'));
      inventory({ identity_file: join(bastion.dir, 'other') });
      const [since = ''] = (await run('h06', 'date +%s.%N')).stdout.split('\n');
      await expectRefused([/h06[\s\S]*refused every key offered/]);
      // sshd notices the end later; sessions of the test before may still be closing.
      const log = (): Promise<string> => sshdLog(fleet.host('h06'), since);
      const left = /^Disconnected from authenticating user deploy .*\[preauth\]$/m;
      await expect.poll(log, { timeout: 10_000 }).toMatch(left);
      expect((await log()).match(/from .*port.*\[preauth\]$/gm)).toHaveLength(2);
    });

    test('needs a passphrase, and no one can be asked', async () => {
      const sealed = join(bastion.dir, 'sealed');
      execFileSync('/usr/bin/ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        'open sesame',
        '-f',
        sealed,
      ]);
      inventory({ identity_file: sealed });
      await expectRefused([/h06[\s\S]*sealed[\s\S]*passphrase[\s\S]*ssh-add/]);
    });
  });
});
