import { expect } from 'vitest';
import type { Bastion, LyingFleet } from './lying-fleet.js';

/** One lie of one host of three, and what comes of a command that a person types meanwhile. */
export interface Lie {
  readonly lie: string;
  readonly tell: () => void;
  readonly type: () => readonly [command: string, ...flags: string[]];
  /** The release, counted from 1, that the command asks for. */
  readonly asked?: number;
  readonly ends: 'refused' | 'done';
  /** What a person reads of it. */
  readonly says?: RegExp;
  /** Typed where the releases were deployed; else where the hosts' own words are all there is. */
  readonly known?: true;
}

/** C0 without newline and tab, DEL, C1, and what turns the direction of a line. */
export const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** What a lying host would have others say. */
const ITS_WORDS = /evil|ceo|v666|1970/;

/** Types the command while the host lies, and checks the state of the honest hosts. */
export async function judgeLie(fleet: LyingFleet, lie: Lie): Promise<void> {
  const before = fleet.honest();
  lie.tell();
  const bastion: Bastion = lie.known === true ? fleet.home : fleet.stranger();
  const [command, ...flags] = lie.type();
  const ran = await bastion.fleet(command, ...flags);
  const told = ran.stdout + ran.stderr;
  const after = fleet.honest();
  for (const { epoch } of after) expect(epoch).toBeLessThan(20);
  expect(told).not.toMatch(RAW);
  if (lie.says !== undefined) expect(told).toMatch(lie.says);
  if (lie.ends === 'refused') {
    expect([2, 4, 7, 9]).toContain(ran.code);
    expect(after.map(withoutEpoch)).toEqual(before.map(withoutEpoch));
    return;
  }
  expect({ code: ran.code, told }).toMatchObject({ code: 0 });
  for (const { page, version, markers } of after) {
    expect({ page, told }).toEqual({ page: `page ${lie.asked}\n`, told });
    expect(JSON.stringify([version, markers])).not.toMatch(ITS_WORDS);
    const commit = fleet.commit(lie.asked ?? 0);
    expect(version).toMatchObject({ app: 'shop', commit, deployer: 'ada@bastion' });
  }
}

/** A claim that was given back leaves its number. */
const withoutEpoch = ({ epoch: _, ...look }: ReturnType<LyingFleet['honest']>[number]) => look;
