import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/errors/codes.js';
import { loadHostProgram } from '../../src/host/program.js';
import { NEEDED_TOOLS, USEFUL_TOOLS } from '../../src/host/reply/asked.js';
import { REPLY_CODES } from '../../src/host/reply/reply-codes.js';
import { FACTS, judge } from './support/said-lines.js';

describe('the codes that a host may give', () => {
  const program = loadHostProgram().text;

  test('are those of the host program, and all of them', () => {
    const given = [
      ...program.matchAll(
        /(?:\bfail(?:_as|_with_journal)?|\bgive_up_(?:stage|spool)|\bfail_backup|\b[A-Z]+_CODE=) ?([a-z]+_?[a-z_]*)/g,
      ),
    ].map(([, code]) => code ?? '');
    const spoken = given.filter((code) => Object.hasOwn(ERROR_CODES, code));
    const told = [...new Set([...spoken, 'wrong_phase'])].sort();
    expect(told).toEqual([...REPLY_CODES].sort());
  });

  test.each(['interrupted', 'internal', 'lease_lost', 'unreachable', 'confirmation_required'])(
    '%s is none of them',
    (code) => {
      const reply = { verb: 'claim', ok: false, phase: 'idle', code, message: 'x' };
      const outcome = judge([{ verb: 'claim', args: [] }], [reply]);
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: { code: 'bad_reply', message: expect.stringContaining('reply.code') },
      });
    },
  );

  test.each(['locked', 'fenced', 'host_down'])('%s is none of a step that only reads', (code) => {
    const reply = { verb: 'facts', ok: false, phase: 'idle', code, message: 'x' };
    expect(judge([FACTS], [reply])).toMatchObject({ failure: { code: 'bad_reply' } });
  });
});

test('the tools that facts may name are those that the host program asks about', () => {
  const folder = join(import.meta.dirname, '../../src/host/program');
  const name =
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((each) =>
      each.endsWith('host-facts.sh'),
    ) ?? '';
  const facts = readFileSync(join(folder, name), 'utf8').replaceAll('\\\n', ' ');
  const after = (word: string): readonly string[] =>
    new RegExp(`^  ${word} (.*)$`, 'm').exec(facts)?.[1]?.trim().split(/\s+/) ?? [];
  expect(after('lacking')).toEqual(NEEDED_TOOLS);
  expect(after('having')).toEqual(USEFUL_TOOLS);
});
