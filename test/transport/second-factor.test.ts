import { describe, expect, onTestFinished, test } from 'vitest';
import { openssh, ssh2 } from './support/contract-subjects.js';
import { hasSshd, startSshd } from './support/real-sshd.js';
import { makeKey } from './support/ssh-server.js';

describe.skipIf(!hasSshd).each([
  ['ssh2', ssh2],
  ['openssh', openssh],
] as const)('a server that needs more than a key, by %s, is reported', (_, makeTransport) => {
  async function failureAt(config: string) {
    const userKey = makeKey();
    const { host } = await startSshd({ userKey, config });
    const transport = makeTransport();
    onTestFinished(() => transport.close());
    return transport.connect(host);
  }

  test('with the second factor that it needs', async () => {
    const config =
      'AuthenticationMethods publickey,keyboard-interactive\nUsePAM yes\nKbdInteractiveAuthentication yes';
    expect(await failureAt(config)).toMatchObject({
      failure: {
        code: 'auth_failed',
        message: expect.stringContaining('accepted the key, but also needs keyboard-interactive'),
        hint: expect.stringContaining('AuthenticationMethods publickey'),
      },
    });
  });

  test('where it is another key', async () => {
    expect(await failureAt('AuthenticationMethods publickey,publickey')).toMatchObject({
      failure: {
        code: 'auth_failed',
        message: expect.stringContaining('accepted the key, but also needs another key'),
        hint: 'Name both keys under `identity_file`.',
      },
    });
  });
});
