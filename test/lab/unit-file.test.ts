import { describe, expect, test } from 'vitest';
import { expandCommand, splitWords } from '../../src/lab/systemd/command-line.js';
import { milliseconds, parseUnitFile } from '../../src/lab/systemd/unit-file.js';

describe('a unit file', () => {
  test('gives the service settings, with specifiers filled in', () => {
    const unit = parseUnitFile(
      `[Unit]
Description=The shop
StartLimitBurst=3
StartLimitIntervalSec=1min
[Service]
ExecStart=%h/shop/current/bin/start --name "a b" \\
  --verbose
WorkingDirectory=-%h/shop/current
Environment=A=1 "B=two words"
Environment=C=
Restart=on-failure
RestartSec=1s 500ms
`,
      { h: '/home/deploy' },
    );
    expect(unit).toMatchObject({
      type: 'simple',
      execStart: ['/home/deploy/shop/current/bin/start --name "a b"    --verbose'],
      workingDirectory: { path: '/home/deploy/shop/current', optional: true },
      environment: { A: '1', B: 'two words', C: '' },
      restart: 'on-failure',
      restartMs: 1500,
      startLimit: { burst: 3, intervalMs: 60_000 },
    });
  });

  test('clears a list with an empty assignment', () => {
    const text = '[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\n';
    expect(parseUnitFile(text, {}).execStart).toEqual(['/bin/b']);
  });

  test('is refused without a program, and with a type that only systemd has', () => {
    expect(() => parseUnitFile('[Service]\n', {})).toThrow(/no ExecStart/);
    expect(() => parseUnitFile('[Service]\nExecStart=/x\nType=notify\n', {})).toThrow(/notify/);
  });
});

test('words are split by white space, with quotes and backslashes', () => {
  expect(splitWords(`a  'b c' "d \\" e"f ""`)).toEqual(['a', 'b c', 'd " ef', '']);
});

test('variables are put into a command line as systemd does', () => {
  const environment = { MAINPID: '42', ARGS: '-a -b' };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's syntax, not ours
  expect(expandCommand('-/bin/kill -HUP ${MAINPID} $ARGS $$x', environment)).toEqual({
    argv: ['/bin/kill', '-HUP', '42', '-a', '-b', '$x'],
    ignoreFailure: true,
  });
});

test('time spans are read as systemd reads them', () => {
  expect(milliseconds('5', 0)).toBe(5000);
  expect(milliseconds('2min 5s', 0)).toBe(125_000);
  expect(milliseconds('0.5s', 0)).toBe(500);
  expect(milliseconds(null, 7)).toBe(7);
});
