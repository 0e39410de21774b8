import { describe, expect, test } from 'vitest';
import { judgeOpensshEnd } from '../../../src/transport/openssh/failure.js';
import { createOpensshAccount } from '../../../src/transport/openssh/log-reader.js';
import { hostFixture } from '../../fixtures/host.js';

/** What `ssh` printed, of versions 8.4 to 9.9. */
function judge(text: string) {
  const account = createOpensshAccount();
  for (const line of text.split('\n')) account.hear(line);
  return judgeOpensshEnd(hostFixture('web1'), account);
}

const UP_TO_LOGIN = `debug1: Connection established.
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1
debug1: SSH2_MSG_NEWKEYS received
debug1: Authentications that can continue: publickey,gssapi-with-mic`;

describe('what ssh says', () => {
  test.each([
    ['ssh: connect to host web1 port 22: No route to host', 'unreachable', 'No route to host'],
    [
      'ssh: connect to host web1 port 22: Connection timed out',
      'connect_timeout',
      'did not accept',
    ],
    [
      'debug1: Connection established.\nConnection timed out during banner exchange',
      'connect_timeout',
      'said nothing',
    ],
    [
      'Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa',
      'no_common_algorithm',
      'has no host key in common with fleet; it offers ssh-rsa',
    ],
    [
      'Unable to negotiate with 10.0.0.1 port 22: no matching compression method found. Their offer: zlib',
      'unreachable',
      'Their offer: zlib',
    ],
    ['/root/.ssh/config: line 3: Bad configuration option: colour', 'config_invalid', 'line 3'],
    ['Bad owner or permissions on /root/.ssh/config', 'config_invalid', '/root/.ssh/config'],
  ])('%s', (text, code, words) => {
    expect(judge(text)).toMatchObject({
      failure: { code, message: expect.stringContaining(words) },
      again: false,
    });
  });

  test('before it knows the server, of a reset, may be tried again; after that it may not', () => {
    const reset = 'kex_exchange_identification: read: Connection reset by peer';
    expect(judge(reset)).toMatchObject({ failure: { code: 'unreachable' }, again: true });
    const closed = `${UP_TO_LOGIN}\nConnection closed by 10.0.0.1 port 22`;
    expect(judge(closed)).toMatchObject({ failure: { code: 'connection_lost' }, again: false });
  });

  test('of too many keys is a failed login', () => {
    const offers = 'debug1: Offering public key: /k1 ED25519 SHA256:abc explicit';
    const text = `${UP_TO_LOGIN}\n${offers}\nReceived disconnect from 10.0.0.1 port 22:2: Too many authentication failures`;
    expect(judge(text).failure).toMatchObject({
      code: 'auth_failed',
      hint: expect.stringContaining('/k1 ED25519 SHA256:abc.'),
    });
  });

  test('of a login without any key names what the server takes', () => {
    const text = `${UP_TO_LOGIN}\nroot@web1: Permission denied (publickey,gssapi-with-mic).`;
    expect(judge(text).failure).toMatchObject({
      code: 'identity_unusable',
      hint: expect.stringContaining('publickey,gssapi-with-mic'),
    });
  });

  test("does not take a server's banner for a word about its host key", () => {
    const banner =
      'WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.';
    const text = `${UP_TO_LOGIN}\n${banner}\nroot@web1: Permission denied (publickey).`;
    expect(judge(text).failure.code).toBe('identity_unusable');
  });
});
