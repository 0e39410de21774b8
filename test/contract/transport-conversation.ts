import { describe, expect, test } from 'vitest';
import { startRelay } from '../transport/relay.js';
import { connectedBy, type TransportSubject } from './transport-subject.js';

const SILENT = { onStdout: () => undefined, onStderr: () => undefined };

export function conversationContract(subject: TransportSubject): void {
  const connection = async () => connectedBy(subject, (await subject.server()).host);

  describe('a conversation', () => {
    test('is written to while it is heard, also before its channel is open', async () => {
      const { converse } = await connection();
      const heard: string[] = [];
      let tell = (_: string): void => undefined;
      const conversation = converse('exec cat', {
        ...SILENT,
        onStdout(line) {
          heard.push(line);
          tell(line);
        },
      });
      const next = () => new Promise<string>((resolve) => (tell = resolve));
      conversation.write('early\n');
      expect(await next()).toBe('early');
      conversation.write('lat');
      conversation.write('er\n');
      expect(await next()).toBe('later');
      expect(heard).toEqual(['early', 'later']);
      conversation.close();
      expect(await conversation.ended).toMatchObject({ kind: 'lost' });
      conversation.write('too late\n');
    });

    test('tells stdout and stderr apart, and hands out last lines without an end', async () => {
      const { converse } = await connection();
      const [stdout, stderr]: [string[], string[]] = [[], []];
      const conversation = converse(`printf 'a\\nb'; printf 'one\\ntwo' >&2; exit 69`, {
        onStdout: (line) => stdout.push(line),
        onStderr: (line) => stderr.push(line),
      });
      expect(await conversation.ended).toEqual({ kind: 'exited', code: 69 });
      expect([stdout, stderr]).toEqual([
        ['a', 'b'],
        ['one', 'two'],
      ]);
    });

    test('tells of a signal', async () => {
      const { converse } = await connection();
      const conversation = converse('kill -TERM $$', SILENT);
      expect(await conversation.ended).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
    });

    test('leaves the connection open when it is closed, and its command at the end of its stdin', async () => {
      const { converse, exec } = await connection();
      let ready = (): void => undefined;
      const begun = new Promise<void>((resolve) => (ready = resolve));
      const conversation = converse('echo; exec cat', { ...SILENT, onStdout: () => ready() });
      await begun;
      conversation.close();
      expect(await exec('exit 5', { timeoutMs: 5000 })).toMatchObject({ code: 5 });
    });

    test('is lost with the connection, and where it can not begin', async () => {
      const relay = await startRelay((await subject.server()).host);
      const { converse } = await connectedBy(subject, relay.host);
      const listener = { ...SILENT, onStdout: () => relay.cut() };
      expect(await converse('echo; exec cat', listener).ended).toMatchObject({ kind: 'lost' });
      expect(await converse('echo; exec cat', listener).ended).toMatchObject({ kind: 'lost' });
    });

    test('whose listener throws ends with its error and keeps the connection', async () => {
      const opened = await connection();
      const onStdout = () => {
        throw new Error('a bug of the caller');
      };
      const conversation = opened.converse('echo; exec cat', { ...SILENT, onStdout });
      await expect(conversation.ended).rejects.toThrow('a bug of the caller');
      expect(opened.open).toBe(true);
    });
  });
}
