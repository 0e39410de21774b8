import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fileProblem } from '../../src/errors/file-problem.js';

const dir = mkdtempSync(join(tmpdir(), 'fleet-problem-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string): string => join(dir, name);
writeFileSync(at('file'), '');
symlinkSync(at('circle'), at('circle'));

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('an error of the system about a file', () => {
  test.each([
    ['does not exist', () => readFileSync(at('none')), /none does not exist \(ENOENT\)$/],
    ['is a folder', () => writeFileSync(dir, ''), /is a folder, and a file is needed/],
    ['is in the way of a folder', () => mkdirSync(at('file/below')), /has a file where a folder/],
    ['stands for a folder', () => mkdirSync(at('file'), { recursive: true }), /is not a folder/],
    [
      'has too long a name',
      () => writeFileSync(at('x'.repeat(300)), ''),
      /longer than this system/,
    ],
    ['goes in a circle', () => readFileSync(at('circle')), /links that lead in a circle/],
    ['is on a full disk', () => writeFileSync('/dev/full', 'x'), /the disk is full \(ENOSPC\)$/],
  ])('that %s is a refusal with its remedy', (_, work, message) => {
    const problem = fileProblem(thrown(work));
    expect(problem?.message).toMatch(message);
    expect(problem?.code).toMatch(/^(file_unusable|bastion_full)$/);
    expect(problem?.hint).toMatch(/.{10}/);
    expect(problem?.hint).not.toContain('FILE');
  });

  test('names the file by what it is for', () => {
    const error = thrown(() => readdirSync(at('file')));
    expect(fileProblem(error, 'the journal')?.message).toBe(
      `the journal (${at('file')}) has a file where a folder is needed (ENOTDIR)`,
    );
  });

  test('tells a program that is not there', async () => {
    const error = await new Promise((resolve) => spawn(at('none')).once('error', resolve));
    expect(fileProblem(error)?.message).toContain('is not a program on this machine');
  });
});

describe('what is a bug stays one', () => {
  test.each([
    ['a mistake of types', () => JSON.parse('{')],
    ['a mistake of arguments', () => readFileSync(at('a\0b'))],
  ])('%s', (_, work) => {
    expect(fileProblem(thrown(work))).toBeNull();
  });

  test('an error of the network has a meaning of its own', async () => {
    const error = await new Promise((resolve) => connect(at('none')).once('error', resolve));
    expect(error).toMatchObject({ code: 'ENOENT' });
    expect(fileProblem(error)).toBeNull();
  });
});
