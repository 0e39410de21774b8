import { PassThrough } from 'node:stream';
import { setImmediate as questionShown } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { askPassphrase, confirm } from '../../../src/ui/terminal/prompt.js';

function streams(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => stdin });
  const stderr = new PassThrough();
  return { stdin, stderr, shown: () => String(stderr.read() ?? '') };
}

describe('a confirmation', () => {
  test.each([
    ['y', true],
    ['YES', true],
    [' yes ', true],
    ['', false],
    ['n', false],
    ['yesterday', false],
  ])('takes %j as %s', async (answer, agreed) => {
    const io = streams(false);
    const asked = confirm('Deploy to 3 hosts?', io);
    io.stdin.write(`${answer}\n`);
    expect(await asked).toBe(agreed);
    expect(io.shown()).toContain('Deploy to 3 hosts? [y/N] ');
  });

  test('reads the end of the input as a no', async () => {
    const io = streams(false);
    const asked = confirm('Deploy?', io);
    io.stdin.end();
    expect(await asked).toBe(false);
  });

  test('is interrupted by Ctrl-C', async () => {
    const io = streams(true);
    const asked = confirm('Deploy?', io);
    await questionShown();
    io.stdin.write('\x03');
    await expect(asked).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('accepts no answer that was typed before it', async () => {
    const io = streams(true);
    io.stdin.write('y\r');
    const asked = confirm('Deploy?', io);
    await questionShown();
    io.stdin.write('n\r');
    expect(await asked).toBe(false);
  });

  test('obeys a Ctrl-C that was typed before it', async () => {
    const io = streams(true);
    io.stdin.write('y\x03');
    await expect(confirm('Deploy?', io)).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('does not accept several lines as an answer, and asks again', async () => {
    const io = streams(true);
    const asked = confirm('Deploy?', io);
    await questionShown();
    io.stdin.write('y\rmake\r');
    await questionShown();
    io.stdin.write('n\r');
    expect(await asked).toBe(false);
    expect(io.shown()).toContain('Several lines at once are no answer');
  });
});

describe('a passphrase', () => {
  test('is not shown while it is typed', async () => {
    const io = streams(true);
    const asked = askPassphrase('Passphrase of ~/.ssh/id:', io);
    await questionShown();
    io.stdin.write('s3cret\r');
    expect(await asked).toBe('s3cret');
    expect(io.shown()).toBe('Passphrase of ~/.ssh/id: \n');
  });

  test('is asked for one at a time', async () => {
    const io = streams(true);
    const first = askPassphrase('one:', io);
    const second = askPassphrase('two:', io);
    await questionShown();
    io.stdin.write('a\r');
    expect(await first).toBe('a');
    await questionShown();
    io.stdin.write('b\r');
    expect(await second).toBe('b');
    expect(io.shown()).toBe('one: \ntwo: \n');
  });

  test('is interrupted by Ctrl-C', async () => {
    const io = streams(true);
    const asked = askPassphrase('one:', io);
    io.stdin.write('\x03');
    await expect(asked).rejects.toMatchObject({ code: 'interrupted' });
  });
});
