import { afterEach, describe, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';

let host: FakeHost;
afterEach(() => host.stop());

/** A rule as `sudo -ll` shows it, from 1.9.5 to sudo-rs. */
const rule = (commands: readonly string[], options: string | null = null, users = 'root') =>
  [
    'Sudoers entry:',
    `    RunAsUsers: ${users}`,
    ...(options === null ? [] : [`    Options: ${options}`]),
    '    Commands:',
    ...commands.map((command) => `\t${command}`),
    '',
  ].join('\n');

/** What sudo says of a login with these rules; it lists any one command, as it does with a password too. */
function listing(rules: readonly string[], settings: readonly string[] = []): string {
  const path = `secure_path=/nowhere\\:${host.dir}/bin`;
  return [
    'Matching Defaults entries for deploy on web1:',
    `    ${['env_reset', path, ...settings].join(', ')}`,
    '',
    'User deploy may run the following commands on web1:',
    '',
    ...rules,
  ].join('\n');
}

/** Such a sudo on PATH, and a login that is not root. */
function sudo(text: string): void {
  host.tool('id', '#!/bin/sh\necho 1000\n');
  const list = `cat <<'END'\n${text}\nEND\n`;
  host.tool(
    'sudo',
    `#!/bin/sh\nprintf '%s\\n' "$*" >>"$HOME/asked"\ncase $* in *-ll) ${list};; -V) echo Sudo version 1.9.13p3 ;; esac\n`,
  );
}

async function readRights(doctor = false) {
  const step = factsStep(SERVICE, [], { releases: false, tiers: false, doctor });
  return readFacts((await host.run([step])).events);
}

const systemctl = (verb: string): string => `${host.dir}/bin/systemctl ${verb} shop.service`;
const ALL = 'ALL';

// A busybox has an id(1) of its own, which no one can play.
describe.each(SHELLS.filter((shell) => shell !== 'busybox'))(
  'what sudo allows, read by %s,',
  (shell) => {
    const begin = (): void => {
      host = createFakeHost(shell);
    };

    test.each([
      ['ok', () => [rule([ALL]), rule([systemctl('restart')], '!authenticate')]],
      ['ok', () => [rule([`${host.dir}/bin/systemctl`], 'setenv, !authenticate', '#0, www-data')]],
      [
        'ok',
        () => [rule([ALL]), rule([`${host.dir}/bin/systemctl * shop.service`], '!authenticate')],
      ],
      ['ok', () => [rule([ALL]), rule([`${host.dir}/bin/`], '!authenticate')]],
      ['password', () => [rule([ALL]), rule(['/usr/bin/true'], '!authenticate')]],
      ['password', () => [rule([ALL], null, 'ALL'), rule([ALL], '!authenticate', 'www-data')]],
      [
        'overruled',
        () => [rule([systemctl('restart')], '!authenticate'), rule([ALL], 'authenticate')],
      ],
      ['overruled', () => [rule([ALL, `!${systemctl('restart')}`], '!authenticate')]],
      ['denied', () => [rule([systemctl('stop')], '!authenticate')]],
      ['denied', () => [rule([`${systemctl('restart')}.d`, '/bin/true'], '!authenticate')]],
    ] as const)('is %s by the last rule that is about it (%#)', async (state, rules) => {
      begin();
      sudo(listing(rules()));
      expect((await readRights())?.sudo).toBe(state);
    });

    test('is what the Defaults say where a rule does not say it', async () => {
      begin();
      sudo(listing([rule([ALL])], ['!authenticate']));
      expect((await readRights())?.sudo).toBe('ok');
      sudo(listing([rule([ALL], 'authenticate')], ['!authenticate']));
      expect((await readRights())?.sudo).toBe('password');
    });

    test('is not known where a rule cannot be read, and sudo does not tell which one counts', async () => {
      begin();
      sudo(listing([rule([ALL]), rule([systemctl('restart')], '!authenticate', '%wheel')]));
      expect((await readRights())?.sudo).toBe('unknown');
      const special = [
        'Runas and Command-specific defaults for deploy:',
        '    Defaults>root authenticate',
        '',
      ];
      const text = listing([rule([ALL], '!authenticate')]);
      sudo(text.replace('User deploy', `${special.join('\n')}\nUser deploy`));
      expect((await readRights())?.sudo).toBe('unknown');
    });

    test.each([
      ['tty', 'sudo: sorry, you must have a tty to run sudo'],
      ['unlisted', 'sudo: a password is required'],
      ['unlisted', 'sudo-rs: interactive authentication is required'],
      ['denied', 'sudo-rs: Sorry, user deploy may not run sudo on web1.'],
      ['unknown', 'sudo: /etc/sudoers is world writable'],
    ] as const)('is %s by the words of a sudo that does not list: %s', async (state, words) => {
      begin();
      host.tool('id', '#!/bin/sh\necho 1000\n');
      const noise = 'sudo: unable to resolve host web1: Name or service not known';
      host.tool('sudo', `#!/bin/sh\necho "${noise}" >&2\necho "${words}" >&2\nexit 1\n`);
      expect(await readRights()).toMatchObject({ sudo: state, sudoSaid: words });
    });

    test('does not hang on a password that was typed before', async () => {
      begin();
      sudo(listing([rule([ALL], '!authenticate')]));
      host.tool(
        'sudo',
        '#!/bin/sh\ncase $* in *-k*-ll*) echo "sudo: a password is required" >&2; exit 1 ;; esac\n',
      );
      host.tool('id', '#!/bin/sh\necho 1000\n');
      expect((await readRights())?.sudo).toBe('unlisted');
    });

    test('is not told where sudo does not find systemctl, though a rule is there', async () => {
      begin();
      sudo(listing([rule([ALL], '!authenticate')], ['secure_path=/nowhere']));
      expect(await readRights(true)).toMatchObject({ sudo: 'no_command', missingRights: [] });
    });
  },
);
