import { createHash } from 'node:crypto';
import type { HostName } from '../../src/model/names.js';
import { HELD, metaOf } from './releases.js';

/** One word of a call: `key=value`. */
type Values = ReadonlyMap<string, string>;

const UNIT = 'shop.service';

/**
 * A host in memory that answers as the host program would where nothing goes wrong. It checks
 * nothing, so that what it costs is small beside what is measured.
 */
export class MemoryHost {
  readonly name: HostName;
  #current: string = HELD.current;
  #from: string | null = null;
  #to: string | null = null;
  #epoch = 0;
  #run: string | null = null;
  #txn: string | null = null;
  #pid = 1000;

  constructor(name: HostName) {
    this.name = name;
  }

  /** The lines of stdout for the words of one call: `step verb key=value … -- verb …`. */
  answer(words: readonly string[]): readonly string[] {
    const lines: string[] = [];
    for (let at = 1; at < words.length; ) {
      const next = words.indexOf('--', at);
      const end = next === -1 ? words.length : next;
      const verb = words[at] ?? '';
      lines.push(...this.#perform(verb, valuesOf(words.slice(at + 1, end))));
      at = end + 1;
    }
    return lines;
  }

  #perform(verb: string, values: Values): readonly string[] {
    switch (verb) {
      case 'facts':
        return [this.#state('idle'), this.#host(), this.#unit(), ...releaseLines(), done(verb)];
      case 'claim':
        this.#epoch = Number(values.get('epoch'));
        this.#run = values.get('run') ?? null;
        return [done(verb, 'claimed')];
      case 'stage':
        return [done(verb, 'staged')];
      case 'arm':
        this.#from = values.get('from') ?? null;
        this.#to = values.get('to') ?? null;
        this.#txn = values.get('txn') ?? null;
        return [done(verb, 'armed')];
      case 'activate':
        this.#current = this.#to ?? this.#current;
        this.#pid += 1;
        return [
          JSON.stringify({ event: 'linked', release: this.#current }),
          JSON.stringify({ event: 'restarted', unit: UNIT }),
          done(verb, 'restarted'),
        ];
      case 'verify':
        return [HEALTHY, done(verb, 'verified')];
      case 'probe':
        return [HEALTHY, done(verb)];
      case 'unclaim':
        this.#run = null;
        return [done(verb)];
      case 'status':
        return [this.#state('idle'), ...(values.has('unit') ? [this.#unit()] : []), done(verb)];
      default:
        return [done(verb, this.#run === null ? 'idle' : 'claimed')];
    }
  }

  #state(phase: string): string {
    return JSON.stringify({
      event: 'state',
      phase,
      epoch: this.#epoch,
      run: this.#run,
      owner: null,
      txn: this.#txn,
      from: this.#from,
      to: this.#to,
      current: { kind: 'link', release: this.#current },
      bootId: 'c0ffee00-0000-4000-8000-000000000000',
      lease: null,
      switch: null,
      deadline: null,
      rebooted: false,
    });
  }

  #host(): string {
    return JSON.stringify({
      event: 'host',
      user: 'deploy',
      uid: 1000,
      machineId: createHash('md5').update(this.name).digest('hex'),
      rootPath: '/opt/shop',
      session: '',
      now: Math.floor(Date.now() / 1000),
      root: 'ok',
      freeBytes: 10 ** 12,
      missingTools: [],
      tools: ['bash', 'curl'],
      sudo: 'ok',
      deadMan: ['system', 'process'],
      guard: true,
      missingRights: [],
      missingShared: [],
      unsafe: [],
    });
  }

  #unit(): string {
    return JSON.stringify({
      event: 'unit',
      unit: UNIT,
      load: 'loaded',
      active: 'active',
      sub: 'running',
      type: 'simple',
      mainPid: this.#pid,
      invocation: 'f'.repeat(32),
      restarts: 0,
      serving: this.#current,
      servingBy: 'process',
      pending: false,
      restarted: false,
    });
  }
}

const HEALTHY = JSON.stringify({ event: 'probe', healthy: true, reason: '' });

const done = (verb: string, phase = 'idle'): string => JSON.stringify({ verb, ok: true, phase });

function releaseLines(): readonly string[] {
  return Object.values(HELD).map((id) => {
    const meta = metaOf(id);
    const { deployedAt: since } = meta;
    return JSON.stringify({
      event: 'release',
      id,
      standing: 'healthy',
      since,
      complete: true,
      meta,
    });
  });
}

function valuesOf(words: readonly string[]): Values {
  return new Map(
    words.map((word) => {
      const equals = word.indexOf('=');
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}
