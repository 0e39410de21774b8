import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startRelay } from '../transport/support/relay.js';
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

    test('hands payloads over between its words, from memory and from a stream', async () => {
      const { converse } = await connection();
      const heard: string[] = [];
      const listener = { ...SILENT, onStdout: (line: string) => heard.push(line) };
      const bytes = Buffer.alloc(3_000_000, 'x');
      const script = 'for _ in 1 2; do read -r word; echo "$word $(head -c 3000000 | wc -c)"; done';
      const conversation = converse(script, listener);
      conversation.write('first\n');
      await conversation.send(bytes);
      conversation.write('second\n');
      await conversation.send(Readable.from([bytes.subarray(7), bytes.subarray(0, 7)]));
      expect(await conversation.ended).toEqual({ kind: 'exited', code: 0 });
      expect(heard).toEqual(['first 3000000', 'second 3000000']);
    });

    test('tells of its end though its command does not take all of a payload', async () => {
      const { converse } = await connection();
      const conversation = converse('head -c 10 >&2; exit 7', SILENT);
      const endless = new Readable({
        read() {
          this.push(Buffer.alloc(100_000));
        },
      });
      const sent = conversation.send(endless).catch(() => undefined);
      expect(await conversation.ended).toEqual({ kind: 'exited', code: 7 });
      await sent;
      expect(endless.destroyed).toBe(true);
      await expect(conversation.send(Buffer.from('late'))).rejects.toThrow('has ended');
    });

    test('says that the source of a payload has failed, and goes on', async () => {
      const { converse } = await connection();
      const conversation = converse('exec cat', SILENT);
      const broken = new Readable({
        read() {
          this.destroy(new Error('the disk is gone'));
        },
      });
      await expect(conversation.send(broken)).rejects.toThrow('the disk is gone');
      conversation.close();
      expect(await conversation.ended).toMatchObject({ kind: 'lost' });
    });

    test('is lost with the connection, and where it cannot begin', async () => {
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
