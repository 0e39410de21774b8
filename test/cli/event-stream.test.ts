import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EVENTS_VERSION, eventSchema, type FleetEvent } from '../../src/events/event.js';
import { schemaOf } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const schema = eventSchema();
const published = z.fromJSONSchema(schemaOf('events'));

const chained = z.looseObject({ chain: z.string() });

const linesOf = (text: string): readonly unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The events of a stream, each of which is exactly what the schema says: no field is unknown. */
function obeyed(text: string): readonly FleetEvent[] {
  return linesOf(text).map((line) => {
    const event = schema.parse(line);
    expect(event).toEqual(line);
    published.parse(line);
    return event;
  });
}

/** The events of a journal: each line ends in the digest of the chain. */
function journalled(text: string): readonly FleetEvent[] {
  const bare = linesOf(text).map((line) => {
    const { chain, ...event } = chained.parse(line);
    expect(chain).toMatch(/^[0-9a-f]{64}$/);
    return JSON.stringify(event);
  });
  return obeyed(bare.join('\n'));
}

/** What only this process shows: the journal cannot have the digest of its own end. */
const isKept = ({ type }: FleetEvent): boolean =>
  type !== 'journal-sealed' && type !== 'upload-progress';

describe('--output ndjson', () => {
  test('obeys the schema that fleet schema prints, and so does the journal of each run', async () => {
    const bastion = practiceBastion(practice.lab);
    const ran: string[] = [];
    const play = async (command: string, ...flags: readonly string[]): Promise<void> => {
      const { code, stdout } = await bastion.fleet(command, '--output', 'ndjson', ...flags);
      // A dry run's result is its plan, for a person, behind the events.
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      const events = obeyed(lines.join('\n'));
      expect(events[0]).toMatchObject({
        type: 'stream-started',
        schemaVersion: EVENTS_VERSION,
        run: null,
      });
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
      const from = events.findIndex(({ type }) => type === 'run-started');
      if (from === -1) return void ran.push(`${command} ${code} without a run`);
      const run = events[from]?.run ?? '';
      expect(events.slice(0, from).every((event) => event.run === null)).toBe(true);
      expect(events.slice(from).every((event) => event.run === run)).toBe(true);
      const [head, ...kept] = journalled(
        readFileSync(join(bastion.dir, 'state/runs', run, 'events.ndjson'), 'utf8'),
      );
      expect(head).toEqual(events[0]);
      expect(kept).toEqual(events.slice(from).filter(isKept));
      ran.push(`${command} ${code} ${kept.at(-1)?.type}`);
    };
    await play('deploy', '--yes');
    await play('deploy', '--yes', '--from', './releases/better');
    await play('deploy', '--yes', '--from', './releases/dies');
    await play('rollback', '--yes');
    await play('deploy', '--dry-run');
    await practice.lab.fault('web02', 'down', true);
    await play('deploy', '--yes', '--from', './releases/better');
    await practice.lab.fault('web02', 'down', false);
    expect(ran).toEqual([
      'deploy 0 run-ended',
      'deploy 0 run-ended',
      'deploy 4 run-ended',
      'rollback 0 run-ended',
      'deploy 0 without a run',
      'deploy 9 without a run',
    ]);
  }, 120_000);
});
