import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALL_BYTES } from '../../src/host/channel/call-end.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { factsStep, statusStep } from '../../src/host/steps/steps.js';
import {
  DAMAGED,
  ESC,
  FACTS,
  HOST,
  HOSTILE,
  judge,
  OK,
  RELEASE,
  SERVICE,
  STATE,
  UNIT,
  withField,
} from './support/said-lines.js';

describe('what a host says', () => {
  test('is believed where it is as it should be', () => {
    const outcome = judge([FACTS], [STATE, HOST, UNIT, RELEASE, OK]);
    expect(outcome).toMatchObject({ kind: 'ok', events: [STATE, HOST, UNIT, RELEASE] });
  });

  const refusals = HOSTILE.flatMap(([event, field, values]) =>
    values.map((value) => [`${Object.values(event)[0]}.${field}`, value, event, field] as const),
  );
  test.each(refusals)('is refused where %s is %j, by that name', (name, value, event, field) => {
    const others = [STATE, HOST, UNIT].filter((each) => each !== event);
    const outcome = judge([FACTS], [withField(event, field, value), ...others, OK]);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'bad_reply' }, events: [] });
    const message = outcome.kind === 'failed' ? outcome.failure.message : '';
    expect(message).toContain(name);
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(message.length).toBeLessThan(300);
  });

  const markers = DAMAGED.flatMap(([field, values]) =>
    values.map((value) => [field, value] as const),
  );
  test.each(markers)(
    'is ignored for a release whose %s is %j, and all the rest is used',
    (field, value) => {
      const other = withField(withField(RELEASE, 'id', 'r2'), 'meta.id', 'r2');
      const outcome = judge(
        [FACTS],
        [STATE, HOST, UNIT, withField(RELEASE, field, value), other, OK],
      );
      expect(outcome.kind).toBe('ok');
      const [note, ...more] = outcome.events.filter((event) => event.event === 'note');
      expect(more).toEqual([]);
      expect(note?.message).toContain(`release.${field}`);
      expect(note?.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const releases = outcome.events.filter((event) => event.event === 'release');
      expect(releases.map(({ id }) => id)).toEqual(['r2']);
    },
  );

  test('fits into one call with 2,000 releases, each with long names', () => {
    const lines = Array.from({ length: 2_000 }, (_, n) => {
      const id = `20261123T163000Z-${String(n).padStart(7, '0')}`;
      const meta = { ...RELEASE.meta, id, version: 'v'.repeat(64), deployer: 'd'.repeat(64) };
      return JSON.stringify({ ...RELEASE, id, meta });
    });
    expect(lines.join('\n').length).toBeLessThan(CALL_BYTES / 3);
    const { events } = judge([FACTS], [STATE, HOST, UNIT, ...lines, OK]);
    expect(events.filter(({ event }) => event === 'release')).toHaveLength(2_000);
  });

  test('is refused with more damaged markers than a disk could have', () => {
    const lines = Array.from({ length: 201 }, () => ({ ...RELEASE, since: '' }));
    expect(judge([FACTS], [STATE, HOST, UNIT, ...lines, OK])).toMatchObject({ kind: 'failed' });
  });

  test('is refused where it was not asked', () => {
    const quiet = factsStep(SERVICE, [], { releases: false });
    const linked = { event: 'linked', release: 'r1' };
    const lies: readonly (readonly [readonly Step[], readonly (object | string)[]])[] = [
      [[FACTS], [STATE, STATE, HOST, OK]],
      [[FACTS], [STATE, HOST, HOST, OK]],
      [[FACTS], [STATE, HOST, UNIT, UNIT, OK]],
      [[FACTS], [STATE, HOST, RELEASE, RELEASE, OK]],
      [[FACTS], [STATE, HOST, linked, OK]],
      [[FACTS], [STATE, HOST, { event: 'probe', healthy: true, reason: '' }, OK]],
      [[FACTS], [STATE, HOST, { event: 'guard_unit', path: '/x', lines: [] }, OK]],
      [[FACTS], [STATE, HOST, OK, UNIT]],
      [[FACTS], [STATE, HOST, OK, OK]],
      [
        [quiet],
        [STATE, { ...HOST, deadMan: [], missingRights: [], missingShared: [] }, RELEASE, OK],
      ],
      [[quiet], [STATE, { ...HOST, missingRights: [], missingShared: [] }, OK]],
      [[quiet], [STATE, { ...HOST, deadMan: [], missingShared: [] }, OK]],
      [[quiet], [STATE, { ...HOST, deadMan: [], missingRights: [] }, OK]],
      [[statusStep(SERVICE)], [STATE, HOST, '{"verb":"status","ok":true,"phase":"idle"}']],
      [
        [statusStep({ ...SERVICE, units: [] })],
        [STATE, UNIT, '{"verb":"status","ok":true,"phase":"idle"}'],
      ],
    ];
    for (const [steps, lines] of lies) {
      const outcome = judge(steps, lines);
      expect(outcome, JSON.stringify(lines)).toMatchObject({
        kind: 'failed',
        failure: { code: 'bad_reply' },
        events: [],
      });
    }
  });

  test('has every text for people in one short line, which still says what it said', () => {
    const nasty = `O'Neil "x" $(id) Jörg ${ESC}\x9b31m\u202e\u200b\u061c\u2028\u2066\u{e0041}${'x'.repeat(9_000)}`;
    const meta = { ...RELEASE.meta, version: nasty, deployer: nasty };
    const foreign = { ...STATE, owner: nasty, current: { kind: 'foreign', what: nasty } };
    const { events } = judge([FACTS], [foreign, HOST, UNIT, { ...RELEASE, meta }, OK]);
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.stringify(events).length).toBeLessThan(6_000);
    expect(events[0]).toMatchObject({ owner: expect.stringContaining(`O'Neil "x" $(id) Jörg x`) });
  });

  const json = fc.jsonValue({ maxDepth: 2 });
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  test('is never raw and never an error, whatever is in any field', () => {
    const places = [...HOSTILE, ...DAMAGED.map(([field]) => [RELEASE, field, []] as const)];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.oneof(json, text), ([event, field], value) => {
        const others = [STATE, HOST, UNIT].filter((each) => each !== event);
        const outcome = judge([FACTS], [withField(event, field, value), ...others, OK]);
        expect(JSON.stringify(outcome)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect({} as object).not.toHaveProperty('polluted');
      }),
      { numRuns: 3_000 },
    );
  });

  test('is never an error where its line is anything at all', () => {
    const start = fc.constantFrom('{"event":', '{"verb":', '{"event":"release"', '|journal|', '');
    fc.assert(
      fc.property(start, text, json, (head, tail, value) => {
        judge(
          [FACTS],
          [head + tail, head + JSON.stringify(value), `${head}${JSON.stringify(value)}}`],
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
