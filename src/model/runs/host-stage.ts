import { HOST_STAGES, type HostStage } from './run.js';

/** What fleet has to know of a stage, whatever asks: the state machine, the screen, the records. */
export interface StageTraits {
  /** Something is being done to the host now. */
  readonly working: boolean;
  /** It is being worked on and may not serve: it counts against `max_unavailable`. */
  readonly inFlight: boolean;
  /** All hosts come to the stage at once and then take turns. */
  readonly queued: boolean;
  /** It is on its way back to the release before, or there. */
  readonly back: boolean;
  /** It failed, or nothing is known of it. */
  readonly failed: boolean;
  /** It failed and may not serve; a person has to look. */
  readonly broken: boolean;
  /** What the run has made of it is known, and holds if another run takes the host. */
  readonly settled: boolean;
  /** The run does nothing more with it, save to roll it back; the records keep the stage. */
  readonly final: boolean;
  /** How much of the run is on the host for certain. */
  readonly reached: 'nothing' | 'claim' | 'release' | 'switch';
  /** The release that it is on at the end of a run; `unknown` where only a fresh look can tell. */
  readonly holds: 'new' | 'before' | 'down' | 'unknown';
  /** How far it has come, in hundredths of its way to `done`. */
  readonly share: number;
  /** Its place where stages are counted, from 0: ends come first, then the later stage. */
  readonly rank: number;
  /** What it is called. */
  readonly label: string;
}

const BEFORE = {
  working: false,
  inFlight: false,
  queued: false,
  back: false,
  failed: false,
  broken: false,
  settled: false,
  final: false,
  reached: 'nothing',
  holds: 'before',
  share: 0,
} as const;
const WORKING = { ...BEFORE, working: true } as const;
/** Hooks before the activation may have taken it out of service; `current` has not moved. */
const PREPARING = { ...WORKING, inFlight: true, reached: 'release', holds: 'before' } as const;
const IN_FLIGHT = { ...WORKING, inFlight: true, reached: 'switch', holds: 'unknown' } as const;
const END = { ...BEFORE, final: true, reached: 'switch' } as const;
const BROKEN = { ...END, failed: true, broken: true } as const;

/** Each stage, once. All that classifies stages reads this; a stage that is missing does not compile. */
export const STAGE_TRAITS: Readonly<Record<HostStage, StageTraits>> = {
  waiting: { ...BEFORE, rank: 14, label: 'waiting' },
  checking: { ...WORKING, rank: 13, label: 'checking' },
  claiming: { ...WORKING, queued: true, share: 5, rank: 12, label: 'claiming' },
  claimed: { ...BEFORE, reached: 'claim', share: 10, rank: 11, label: 'claimed' },
  staging: { ...WORKING, queued: true, reached: 'claim', share: 12, rank: 10, label: 'staging' },
  staged: { ...BEFORE, reached: 'release', share: 25, rank: 9, label: 'staged' },
  preparing: { ...PREPARING, share: 35, rank: 8, label: 'preparing' },
  switching: { ...IN_FLIGHT, share: 45, rank: 7, label: 'switching' },
  confirming: { ...IN_FLIGHT, share: 90, rank: 6, label: 'confirming' },
  done: { ...END, settled: true, holds: 'new', share: 100, rank: 0, label: 'done' },
  reverting: { ...IN_FLIGHT, back: true, share: 45, rank: 5, label: 'reverting' },
  reverted: { ...END, back: true, settled: true, rank: 4, label: 'reverted' },
  failed: { ...BEFORE, failed: true, final: true, rank: 1, label: 'failed' },
  down: { ...BROKEN, settled: true, holds: 'down', rank: 2, label: 'down' },
  unknown: { ...BROKEN, holds: 'unknown', rank: 3, label: 'state unknown' },
};

/** The stages of which something holds, in the order in which a host comes to them. */
export const stagesWhere = (holds: (traits: StageTraits) => boolean): readonly HostStage[] =>
  HOST_STAGES.filter((stage) => holds(STAGE_TRAITS[stage]));
