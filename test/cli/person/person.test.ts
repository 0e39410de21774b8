import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ciActor } from '../../../src/cli/person/ci-actor.js';
import { personOf } from '../../../src/cli/person/person.js';
import { loginKey } from '../../../src/cli/person/ssh-key.js';
import { sshLogin } from '../../../src/cli/person/ssh-login.js';

const dir = mkdtempSync(join(tmpdir(), 'fleet-person-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const keygen = (...args: readonly string[]): string =>
  execFileSync('ssh-keygen', args, {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const TYPES = [
  ['ed25519', []],
  ['rsa', ['-b', '2048']],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '521']],
] as const;

/** Makes a key and a certificate of it. */
function made(type: string, options: readonly string[], name: string) {
  keygen('-q', '-t', type, ...options, '-N', '', '-f', name);
  keygen(
    '-q',
    '-s',
    'ca',
    '-I',
    `ada of ${name}`,
    '-z',
    '18446744073709551615',
    '-n',
    'ada',
    `${name}.pub`,
  );
  const [plain = '', certificate = ''] = [`${name}.pub`, `${name}-cert.pub`].map((file) =>
    readFileSync(join(dir, file), 'utf8'),
  );
  const print = keygen('-lf', `${name}.pub`).split(' ')[1];
  return { plain, certificate, print };
}
keygen('-q', '-t', 'ed25519', '-N', '', '-f', 'ca');
const caPrint = keygen('-lf', 'ca.pub').split(' ')[1];

const wordsOf = (line: string): readonly [string, string] => {
  const [type = '', blob = ''] = line.split(' ');
  return [type, blob];
};

describe('the key of an SSH login', () => {
  test.each(TYPES)('has the fingerprint that ssh-keygen shows: %s %j', (type, options) => {
    const { plain, certificate, print } = made(type, options, `key-${type}-${options.join('')}`);
    expect(loginKey(...wordsOf(plain))).toEqual({ fingerprint: print, certificate: null });
    expect(loginKey(...wordsOf(certificate))).toEqual({
      fingerprint: print,
      certificate: {
        id: expect.stringMatching(/^ada of key-/),
        serial: '18446744073709551615',
        ca: caPrint,
      },
    });
  });

  test('is none where the blob is cut off, empty, or of another type', () => {
    const { certificate } = made('ed25519', [], 'cut');
    const [type, blob] = wordsOf(certificate);
    const bytes = Buffer.from(blob, 'base64');
    for (let length = 0; length < 120; length += 1) {
      const cut = loginKey(type, bytes.subarray(0, length).toString('base64'));
      expect(cut?.certificate?.ca ?? null).toBeNull();
    }
    expect(loginKey('ssh-rsa', blob)).toBeNull();
    expect(loginKey(type, '***')).toBeNull();
  });
});

describe('an SSH login', () => {
  const file = join(dir, 'auth');
  const { plain, print } = made('ed25519', [], 'login');
  const connection = { SSH_CONNECTION: '2001:db8::7%eth0 50022 10.0.0.1 22' };

  test('is what sshd tells the session: address, method and key', () => {
    writeFileSync(file, `publickey ${plain.split(' ').slice(0, 2).join(' ')}\npassword\n`);
    expect(sshLogin({ ...connection, SSH_USER_AUTH: file })).toEqual({
      from: '2001:db8::7%eth0',
      method: 'publickey',
      key: print,
      certificate: null,
    });
    writeFileSync(file, 'keyboard-interactive/pam\n');
    expect(sshLogin({ SSH_USER_AUTH: file })).toMatchObject({
      method: 'keyboard-interactive/pam',
      key: null,
    });
    expect(sshLogin(connection)).toMatchObject({ method: null, key: null });
    expect(sshLogin({})).toBeNull();
  });

  test('reads nothing but a small file of this user, and no address that is none', () => {
    symlinkSync(file, join(dir, 'link'));
    writeFileSync(join(dir, 'large'), 'publickey x\n'.repeat(9000));
    for (const name of ['link', 'large', 'missing', '.']) {
      expect(sshLogin({ SSH_USER_AUTH: join(dir, name) })).toBeNull();
    }
    expect(sshLogin({ SSH_USER_AUTH: '/dev/zero', SSH_CONNECTION: '\u001b[31m 1 2 3' })).toBeNull();
  });
});

describe('a CI job', () => {
  test.each([
    [
      {
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTOR: 'ada',
        GITHUB_TRIGGERING_ACTOR: 'bob',
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_REPOSITORY: 'o/r',
        GITHUB_RUN_ID: '7',
        GITHUB_RUN_ATTEMPT: '2',
      },
      {
        system: 'github',
        actor: 'bob',
        actorId: null,
        job: 'https://github.example/o/r/actions/runs/7/attempts/2',
      },
    ],
    [
      {
        GITLAB_CI: 'true',
        GITLAB_USER_LOGIN: 'ada',
        GITLAB_USER_ID: '42',
        GITLAB_USER_EMAIL: 'a@x',
        CI_JOB_URL: 'https://gitlab.example/-/jobs/1',
      },
      { system: 'gitlab', actor: 'ada', actorId: '42', job: 'https://gitlab.example/-/jobs/1' },
    ],
    [
      {
        BUILDKITE: 'true',
        BUILDKITE_BUILD_CREATOR_EMAIL: 'a@x',
        BUILDKITE_BUILD_URL: 'https://bk/1',
      },
      { system: 'buildkite', actor: 'a@x', actorId: null, job: 'https://bk/1' },
    ],
    [
      { JENKINS_URL: 'https://j', BUILD_USER_ID: 'ada', BUILD_URL: 'https://u:secret@j/job/1/' },
      { system: 'jenkins', actor: 'ada', actorId: null, job: 'https://j/job/1/' },
    ],
    [
      {
        TF_BUILD: 'True',
        BUILD_REQUESTEDFOR: 'Ada L',
        BUILD_REQUESTEDFORID: 'guid',
        SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.example/o/',
        SYSTEM_TEAMPROJECT: 'a b',
        BUILD_BUILDID: '9',
      },
      {
        system: 'azure',
        actor: 'Ada L',
        actorId: 'guid',
        job: 'https://dev.example/o/a%20b/_build/results?buildId=9',
      },
    ],
    [
      { CIRCLECI: 'true', CIRCLE_USERNAME: 'ada' },
      { system: 'circleci', actor: 'ada', actorId: null, job: null },
    ],
  ])('says who started it: %o', (env, actor) => {
    expect(ciActor(env)).toEqual(actor);
  });

  test('is none outside of CI', () => {
    expect(ciActor({ CI: 'true', USER: 'ada', BUILD_USER: 'x' })).toBeNull();
  });
});

test('what is said of a person is one short line each, and apart from what is proven', () => {
  const identity = { operator: 'x', account: 'deploy', uid: 7, loginUid: null, sudoUser: 'ada' };
  const env = {
    FLEET_OPERATOR: ` \u001b[31m${'x'.repeat(900)}\nroot `,
    SUDO_UID: '1001',
    GITHUB_ACTIONS: '1',
    GITHUB_ACTOR: 'a\u202eb',
    GITHUB_TOKEN: 'ghs_secret',
  };
  const person = personOf(env, identity);
  expect(person.proven).toEqual({ account: 'deploy', uid: 7, loginUid: null });
  expect(person.said).toMatchObject({ sudoUser: 'ada', sudoUid: 1001, ci: { actor: 'ab' } });
  expect(person.said.name).toMatch(/^x+…$/);
  expect(person.said.name).toHaveLength(120);
  expect(JSON.stringify(person)).not.toContain('secret');
  expect(personOf({ SUDO_UID: '-1' }, { ...identity, sudoUser: null }).said).toMatchObject({
    name: null,
    sudoUid: null,
  });
});
