import { describe, expect, test } from 'vitest';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { createBastion } from '../support/fake-context.js';
import { practiceBastion } from '../support/practice-bastion.js';

const fleet = practiceLab({ hosts: 2 });

describe('exec', () => {
  test.each([
    [['printf', '[%s]', '-v', '-la', '-g', 'web', '--yes'], '[-v][-la][-g][web][--yes]'],
    [['printf', '[%s]', '--', '--json', '--help', '-V'], '[--json][--help][-V]'],
    [['--', 'printf', '[%s]', '-l', '--', 'x'], '[-l][--][x]'],
    [['printf', '[%s]', 'two words', '$HOME', "it's"], "[two words][$HOME][it's]"],
    [['printf "[%s]" -n -q | cat'], '[-n][-q]'],
  ])('gives the command all from its first word on: %j', async (words, printed) => {
    const { code, stdout, stderr } = await practiceBastion(fleet.lab).fleet('exec', ...words);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(printed);
  });

  test('takes its own options before the command', async () => {
    const bastion = practiceBastion(fleet.lab);
    const { stdout } = await bastion.fleet(
      'exec',
      '-l',
      'web02',
      '--json',
      'printf',
      '%s',
      '--json',
    );
    const { command, hosts } = JSON.parse(stdout);
    expect(command).toBe('printf %s --json');
    expect(hosts).toMatchObject([{ host: 'web02', stdout: '--json', exit: 0 }]);
  });

  test('says where options go that came too late', async () => {
    const { code, stderr } = await createBastion().fleet('exec', 'uptime', '-g', 'prod');
    expect(code).toBe(2);
    expect(stderr).toContain('fleet exec -g GROUP uptime');
  });

  test('takes a --json of the command for no flag of its own where it fails', async () => {
    const late = await createBastion().fleet('exec', 'curl', '--json', '{}');
    expect(late).toMatchObject({ code: 2, stdout: '' });
    const own = await createBastion().fleet('exec', '--json', 'curl', '--no-color');
    expect(JSON.parse(own.stdout)).toMatchObject({ exitCode: 2 });
  });

  test('still knows a mistyped option of its own before the command', async () => {
    const { code, stderr } = await createBastion().fleet('exec', '--forse', 'ls', '-la');
    expect(code).toBe(2);
    expect(stderr).toContain('--forse');
  });

  test('shows how it is used', async () => {
    const { stdout } = await createBastion().fleet('exec', '--help');
    expect(stdout).toContain('$ fleet exec -g prod grep -v root /etc/passwd');
  });
});
