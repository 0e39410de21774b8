import { describe, expect, test } from 'vitest';
import { asReleaseId } from '../../../src/model/names.js';
import {
  type Earlier,
  earlierOf,
  earlierText,
  parseEarlier,
  UNKNOWN,
} from '../../../src/model/releases/choose/earlier.js';
import type { HostReleases } from '../../../src/model/releases/choose/known-release.js';
import { pickRollbackTarget } from '../../../src/model/releases/choose/rollback-target.js';
import type { RunKind } from '../../../src/model/run-kind.js';
import { holding, known } from '../support/known-releases.js';

/** A host as its own state tells of it, through runs one after the other. */
class Told {
  current: string | null = null;
  #from: string | null = null;
  #to: string | null = null;
  #earlier: Earlier = { ran: [], isWhole: true };
  #kind: RunKind | null = null;

  get earlier(): Earlier {
    return earlierOf({
      current: idOf(this.current),
      from: idOf(this.#from),
      to: idOf(this.#to),
      earlier: this.#earlier,
      kind: this.#kind,
    });
  }

  /** As `arm` writes it down; the text is what the host keeps. */
  run(kind: RunKind, to: string, end: 'confirmed' | 'reverted' = 'confirmed'): this {
    this.#earlier = parseEarlier(earlierText(this.earlier)) ?? UNKNOWN;
    this.#kind = kind;
    this.#from = this.current;
    this.#to = to;
    if (end === 'confirmed') this.current = to;
    return this;
  }

  get holds(): HostReleases {
    const releases = [...'abcdef'].map((id, day) => known(id, day + 1));
    return holding('web1', this.current, releases, this.earlier);
  }
}

const idOf = (id: string | null) => (id === null ? null : asReleaseId(id));

function back(told: Told): string | null {
  const wish = { reference: null, force: false, recorded: [] };
  try {
    return pickRollbackTarget([told.holds], wish).release.id;
  } catch {
    return null;
  }
}

describe('a rollback goes by what a host ran', () => {
  test('to the release before, and then to the one before that', () => {
    const told = new Told().run('deploy', 'a').run('deploy', 'b').run('deploy', 'c');
    expect(back(told)).toBe('b');
    expect(back(told.run('rollback', 'b'))).toBe('a');
    expect(back(told.run('rollback', 'a'))).toBeNull();
  });

  test('never to one that people rolled back from', () => {
    const told = new Told().run('deploy', 'a').run('deploy', 'b').run('deploy', 'c');
    told.run('rollback', 'b').run('deploy', 'd');
    expect(back(told)).toBe('b');
    told.run('deploy', 'e').run('rollback', 'd');
    expect(back(told)).toBe('b');
  });

  test('to what was there when an older release is deployed anew', () => {
    const told = new Told().run('deploy', 'a').run('deploy', 'b').run('deploy', 'a');
    expect(back(told)).toBe('b');
    // What it ran first is what people have just rolled back from.
    expect(back(told.run('rollback', 'b'))).toBeNull();
  });

  test('and is not changed by a run that was rolled back, nor by one to what is there', () => {
    const told = new Told().run('deploy', 'a').run('deploy', 'b').run('deploy', 'c', 'reverted');
    expect(back(told)).toBe('a');
    expect(back(told.run('deploy', 'b'))).toBe('a');
  });

  test('passes over what was jumped by a rollback with --to', () => {
    const told = new Told().run('deploy', 'a').run('deploy', 'b').run('deploy', 'c');
    told.run('rollback', 'a').run('deploy', 'd');
    expect(back(told)).toBe('a');
    expect(back(told.run('rollback', 'a'))).toBeNull();
  });

  test('by the order of deploys where an older fleet kept no record', () => {
    const old = { current: idOf('c'), from: idOf('b'), to: idOf('c'), earlier: UNKNOWN } as const;
    expect(earlierOf({ ...old, kind: 'deploy' })).toEqual({
      ran: [{ kind: 'release', id: 'b' }],
      isWhole: false,
    });
    expect(earlierOf({ ...old, kind: 'rollback' })).toEqual(UNKNOWN);
    const moved = earlierOf({ ...old, current: idOf('a'), kind: 'deploy' });
    expect(moved).toEqual(UNKNOWN);
  });

  test('stops at what another tool had put there', () => {
    const earlier: Earlier = { ran: [{ kind: 'foreign' }], isWhole: false };
    const hosts = [holding('web1', 'c', [known('a', 1), known('c', 3)], earlier)];
    expect(() =>
      pickRollbackTarget(hosts, { reference: null, force: false, recorded: [] }),
    ).toThrow(/no host ran anything healthy before c/);
  });
});

describe('what a host keeps of it', () => {
  test('reads back as it was written', () => {
    for (const text of ['', '-', 'b,a', 'b,a,-', 'b,/', '/']) {
      expect(earlierText(parseEarlier(text) ?? UNKNOWN)).toBe(text);
    }
  });

  test('is no list where a word is no name', () => {
    for (const text of ['-,a', 'a,,b', '../a', 'a b', '-a', ',']) {
      expect(parseEarlier(text)).toBeNull();
    }
  });

  test('is the newest ten, without a beginning where more were cut off', () => {
    const ran = Array.from({ length: 12 }, (_, n) => ({
      kind: 'release' as const,
      id: asReleaseId(`r${n}`),
    }));
    const kept = parseEarlier(earlierText({ ran, isWhole: true }));
    expect(kept).toEqual({ ran: ran.slice(0, 10), isWhole: false });
  });
});
